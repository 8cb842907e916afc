// The list of posts: newest first, refreshed while a post is unfinished.

import { accountById } from './accounts.js';
import { attempts, cancelPost, editPost, getPost, listPosts, resolveResult, retryPost } from './api.js';
import { $, announce, avatar, bytes, el, handleOf, link, nameOf, webUrl, when } from './dom.js';
import { editable, editor } from './edit.js';
import { ledger } from './ledger.js';
import { labelOf } from './platforms.js';

const BUSY_MS = 1_000;
const IDLE_MS = 15_000;

const POST = {
  scheduled: ['Scheduled', 'info'], publishing: ['Publishing', 'info'], published: ['Published', 'good'],
  partial: ['Partly published', 'warn'], failed: ['Failed', 'bad'], cancelled: ['Cancelled', 'idle'],
  expired: ['Expired', 'idle'], needsAttention: ['Needs your attention', 'warn'],
};
const RESULT = {
  queued: ['Waiting', 'info'], held: ['On hold', 'warn'], publishing: ['Publishing', 'info'],
  processing: ['Processing', 'info'], published: ['Published', 'good'], deliveredToInbox: ['In the app’s inbox', 'good'],
  inDoubt: ['Unclear', 'warn'], failed: ['Failed', 'bad'], cancelled: ['Cancelled', 'idle'], expired: ['Expired', 'idle'],
};

const shown = new Map(); // post id -> {post, node, print, calls, edit}
let next = null;
let paged = false;
let timer;
let polling = false;
let again = false;
let signedOut = false;
let needsAccounts = () => {};

export function startPosts(onNeedsAccounts) {
  needsAccounts = onNeedsAccounts;
  $('older').onclick = older;
  document.addEventListener('visibilitychange', () => (document.hidden ? clearTimeout(timer) : poll()));
  return poll();
}

export function addPost(post) {
  take([post]);
  poll();
  $('posts-title').scrollIntoView({ block: 'start' });
  $('posts-title').focus({ preventScroll: true });
}

export function renamed() {
  for (const entry of shown.values()) entry.print = '';
  take([]);
}

async function poll() {
  clearTimeout(timer);
  if (polling) {
    again = true;
    return;
  }
  polling = true;
  try {
    const page = await listPosts();
    const seen = new Set(page.posts.map(({ id }) => id));
    const others = [...shown.values()].filter(({ post }) => !seen.has(post.id) && wait(post) === BUSY_MS);
    const rest = await Promise.all(others.map(({ post }) => getPost(post.id)));
    if (!paged) next = page.nextCursor;
    take([...page.posts, ...rest]);
    trouble('');
  } catch (error) {
    signedOut = error.status === 401;
    trouble(`We couldn’t refresh the list. ${error.sentence ?? error.message}`);
  }
  polling = false;
  if (again) {
    again = false;
    poll();
  } else if (!document.hidden && !signedOut) {
    timer = setTimeout(poll, Math.min(IDLE_MS, ...[...shown.values()].map(({ post }) => wait(post))));
  }
}

// Returns how soon this post may change: a post in progress is checked often, and a date ahead only shortens the pause.
function wait(post) {
  const waits = post.results.map((result) => {
    if (result.state === 'publishing' || result.state === 'processing') return BUSY_MS;
    if (result.state !== 'queued') return IDLE_MS;
    const due = Date.parse(result.dueAt ?? post.publishAt ?? '');
    return Number.isNaN(due) ? BUSY_MS : Math.min(IDLE_MS, Math.max(BUSY_MS, due - Date.now()));
  });
  return Math.min(IDLE_MS, ...waits);
}

async function older() {
  try {
    const page = await listPosts(next);
    paged = true;
    next = page.nextCursor;
    take(page.posts);
  } catch (error) {
    trouble(error.sentence ?? error.message);
  }
}

function trouble(text) {
  $('posts-trouble').textContent = text;
  $('posts-trouble').hidden = !text;
}

function take(posts) {
  for (const post of posts) {
    const entry = shown.get(post.id) ?? { node: el('li', { class: 'card post' }), calls: null };
    if (entry.post?.version > post.version) continue;
    if (entry.post) tell(entry.post, post);
    entry.post = post;
    shown.set(post.id, entry);
  }
  const ordered = [...shown.values()].sort((a, b) => Date.parse(b.post.createdAt) - Date.parse(a.post.createdAt));
  for (const entry of ordered) {
    const print = JSON.stringify(entry.post);
    if (entry.print === print) continue;
    entry.print = print;
    draw(entry);
    entry.calls?.refresh();
  }
  const list = $('post-list');
  ordered.forEach(({ node }, index) => {
    if (list.children[index] !== node) list.insertBefore(node, list.children[index] ?? null);
  });
  $('posts-empty').hidden = ordered.length > 0;
  $('older').hidden = !next;
}

function tell(before, post) {
  for (const result of post.results) {
    const old = before.results.find(({ id }) => id === result.id);
    if (!old || old.state === result.state) continue;
    announce(`${whoIs(result)}: ${wordOf(result, post)[0]}`);
    if (result.heldReason === 'needsReconnect') needsAccounts();
  }
}

const whoIs = ({ accountId, platform }) => {
  const account = accountById(accountId);
  return account ? nameOf(account) : `${labelOf(platform)} account`;
};

function wordOf(result, post) {
  const due = Date.parse(result.dueAt ?? post.publishAt ?? '');
  if (result.state === 'queued' && due > Date.now()) return ['Scheduled', 'info'];
  return RESULT[result.state] ?? [result.state, 'idle'];
}

// The server fills in a publishing time if none was chosen.
const isScheduled = ({ publishAt, createdAt }) => Date.parse(publishAt) - Date.parse(createdAt) > 60_000;

function draw(entry) {
  const { node, post } = entry;
  const focus = node.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  const [word, tone] = POST[post.state] ?? [post.state, 'idle'];
  const any = (...states) => post.results.some(({ state }) => states.includes(state));
  const button = (key, text, act) => el('button', { type: 'button', 'data-key': key, onclick: act }, text);
  const title = post.caption || post.title || 'No caption';
  node.setAttribute('aria-label', `Post: ${title.slice(0, 80)}`);
  node.replaceChildren(
    el('div', { class: 'post-head' },
      el('p', { class: post.caption || post.title ? 'caption' : 'caption hint' }, title),
      post.results.length > 1 && el('span', { class: `badge ${tone}` }, word)),
    el('p', { class: 'hint' },
      isScheduled(post) ? `Scheduled for ${when(post.publishAt)}` : `Sent ${when(post.createdAt)}`, ' · ',
      webUrl(post.videoUrl) ? link(post.videoUrl, 'Video') : 'Video'),
    el('ul', { class: 'results' }, post.results.map((result) => row(result, post, entry))),
    el('div', { class: 'row' },
      post.results.some((result) => result.cancellable) && button('cancel', 'Cancel', () => act(entry, () => cancelPost(post.id))),
      any('failed') && button('retry', 'Retry', () => act(entry, () => retryPost(post.id))),
      !entry.edit && editable(post).length > 0 && button('edit', 'Edit', () => edit(entry)),
      callsButton(entry)),
    el('p', { class: 'field-error', role: 'alert', hidden: true }),
    ...(entry.edit ? [entry.edit.node] : []),
    ...(entry.calls ? [entry.calls.node] : []));
  if (focus) node.querySelector(`[data-key="${CSS.escape(focus)}"]`)?.focus();
}

function edit(entry) {
  const close = () => {
    entry.edit = null;
    draw(entry);
    entry.node.querySelector('[data-key="edit"]')?.focus();
  };
  entry.edit = editor(entry.post, async (changes) => {
    take([await editPost(entry.post.id, changes)]);
    close();
    announce('Post updated');
  }, close);
  draw(entry);
  entry.edit.first();
}

function callsButton(entry) {
  return el('button', {
    type: 'button',
    class: 'quiet',
    'data-key': 'calls',
    'aria-expanded': String(Boolean(entry.calls)),
    onclick: () => {
      entry.calls = entry.calls ? null : ledger(() => attempts(entry.post.id), (id) => entry.post.results.find((result) => result.id === id), whoIs);
      draw(entry);
    },
  }, 'Details');
}

function row(result, post, entry) {
  const account = accountById(result.accountId);
  const [word, tone] = wordOf(result, post);
  const name = whoIs(result);
  const sending = result.state === 'publishing' && result.bytesTotal > 0;
  const platform = labelOf(result.platform);
  const answer = (outcome, text) => el('button', {
    type: 'button',
    'data-key': `${outcome}-${result.id}`,
    onclick: () => act(entry, () => resolveResult(post.id, result.id, outcome)),
  }, text);
  return el('li', { class: 'result' },
    avatar(account?.accountMetadata?.avatarUrl, name, 'small'),
    el('div', { class: 'result-text' },
      el('p', {}, el('strong', {}, name), ' ', el('span', { class: 'hint' }, [platform, account && handleOf(account)].filter(Boolean).join(' '), ' '), el('span', { class: `badge ${tone}` }, word)),
      sending && el('div', { class: 'sending' },
        el('progress', { max: result.bytesTotal, value: result.bytesSent ?? 0, 'aria-label': `Upload for ${name}` }),
        el('span', { class: 'hint' }, `${bytes(result.bytesSent ?? 0)} of ${bytes(result.bytesTotal)}`)),
      result.state === 'processing' && el('p', { class: 'hint' }, `${platform} is processing the video. This may take a few minutes.`),
      result.state === 'deliveredToInbox' && el('p', { class: 'hint' }, `Open the inbox of the ${platform} app to finish and post it.`),
      result.state === 'held' && el('p', {}, held(result, platform)),
      result.error && result.state !== 'held' && el('p', { class: tone === 'good' ? 'hint' : 'trouble' },
        `${result.error.message} (${result.error.code})`),
      doubt(result, platform) && el('div', { class: 'stack' },
        el('p', {}, doubt(result, platform)),
        el('div', { class: 'row' }, answer('published', 'Yes, it’s there'), answer('notPublished', 'No, it isn’t'))),
      details(result)));
}

// The question that only a person can answer. A held result that cannot be cancelled may have been published.
function doubt({ state, heldReason, cancellable }, platform) {
  if (state === 'inDoubt') return `Is the video on the ${platform} profile?`;
  return state === 'held' && heldReason === 'needsReconnect' && !cancellable
    ? `${platform} already has the whole video and may have published it. If you don’t want to reconnect, check the profile. Is the video there?` : '';
}

function held({ heldReason, heldUntil, error }, platform) {
  const until = heldUntil ? ` Paused until ${when(heldUntil)}.` : '';
  if (heldReason === 'needsReconnect') return error?.message ?? 'Reconnect this account under Integrations. After that, the post continues.';
  return `${error?.message ?? `${platform} asked us to slow down for a while.`}${until}`;
}

function details(result) {
  const parts = [
    webUrl(result.platformUrl) && link(result.platformUrl, `Open on ${labelOf(result.platform)}`),
    result.publishedAt && when(result.publishedAt),
    result.step && ['publishing', 'processing', 'held', 'inDoubt', 'failed'].includes(result.state) && `Step: ${result.step}`,
    result.publishId && el('span', { class: 'id' }, `Publish ID ${result.publishId}`),
  ].filter(Boolean);
  return parts.length > 0 && el('p', { class: 'hint parts' }, parts.map((part) => el('span', {}, part)));
}

async function act(entry, request) {
  for (const button of entry.node.querySelectorAll('button')) button.setAttribute('aria-disabled', 'true');
  try {
    take([await request()]);
    entry.print = '';
    take([]);
  } catch (error) {
    draw(entry);
    const place = entry.node.querySelector(':scope > .field-error');
    place.textContent = error.sentence ?? error.message;
    place.hidden = false;
  }
  poll();
}
