// @ts-check
// The shell: who is signed in, and which view the address names.

import { html, nothing, render } from './vendor/lit.js';
import { configure, sessionOf } from './elements/session.js';
import { labelOf } from './platforms/index.js';

const STORED = 'social-publisher-token';
const $ = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** @type {any} */
let local = null;
/** @type {any} */
let draft = null;

/** @type {Record<string, {title: string, load: () => Promise<unknown>, show: (id: string) => unknown}>} */
const VIEWS = {
  compose: {
    title: 'New post',
    load: () => import('./elements/composer.js'),
    show: () => html`<social-composer draft="page" sample-url=${local?.sampleVideoUrl ?? nothing} .values=${draft}></social-composer>`,
  },
  posts: {
    title: 'Posts',
    load: () => import('./elements/posts.js'),
    show: () => html`<social-posts></social-posts>`,
  },
  post: {
    title: 'Post',
    load: () => import('./elements/post.js'),
    show: (id) => html`<social-post post-id=${id}></social-post>`,
  },
  calendar: {
    title: 'Calendar',
    load: () => import('./elements/calendar.js'),
    show: () => html`<social-calendar></social-calendar>`,
  },
  integrations: {
    title: 'Integrations',
    load: () => import('./elements/accounts.js'),
    show: () => html`<social-accounts return-to="/integrations"></social-accounts>`,
  },
};

function route() {
  const [name = '', id] = location.pathname.split('/').filter(Boolean);
  if (name === 'posts' && id) return { name: 'post', id: decodeURIComponent(id) };
  return { name: Object.hasOwn(VIEWS, name) ? name : '', id: '' };
}

/** @param {boolean} [moved] whether the person came here by a link of this page */
async function show(moved = false) {
  let { name, id } = route();
  if (!name) {
    // After the first connection, writing comes first.
    const session = sessionOf();
    if (!session.accounts) await session.loadAccounts();
    name = session.accounts?.some(({ status }) => status !== 'disconnected') ? 'compose' : 'integrations';
    history.replaceState(null, '', `/${name}${location.search}`);
  }
  const view = VIEWS[name];
  for (const link of document.querySelectorAll('#sections a')) {
    const current = link.getAttribute('href') === `/${name === 'post' ? 'posts' : name}`;
    if (current) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  await view.load();
  if (route().name !== name) return;
  document.title = `${view.title} · Social Publisher`;
  render(html`<h1 id="title" tabindex="-1">${view.title}</h1>${view.show(id)}`, $('view'));
  draft = null;
  if (moved) {
    window.scrollTo(0, 0);
    $('title').focus({ preventScroll: true });
  }
}

/** @param {string} path */
function go(path) {
  history.pushState(null, '', path);
  show(true);
}

// Links inside the elements are followed here, without a reload.
function follow(/** @type {MouseEvent} */ event) {
  if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = /** @type {HTMLAnchorElement | undefined} */ (event.composedPath().find((node) => node instanceof HTMLAnchorElement));
  if (!link || link.target || link.origin !== location.origin || link.hash) return;
  const [name = ''] = link.pathname.split('/').filter(Boolean);
  if (name && !Object.hasOwn(VIEWS, name)) return;
  event.preventDefault();
  go(link.pathname);
}

/** @param {any} values */
function compose(values) {
  draft = values;
  go('/compose');
}

async function localSession() {
  try {
    const response = await fetch('/local/session', { cache: 'no-store' });
    if (!response.ok) return null;
    const session = await response.json();
    return typeof session.token === 'string' ? session : null;
  } catch {
    return null;
  }
}

/** Returns how this page gets a token, or null if the person has to paste one. */
async function tokenSource() {
  const host = /** @type {any} */ (window).socialPublisherToken;
  if (host) return typeof host === 'function' ? host : () => host;
  local = await localSession();
  if (local) {
    return async (/** @type {{expired: boolean}} */ { expired }) => {
      if (expired) local = (await localSession()) ?? local;
      return local.token;
    };
  }
  const pasted = sessionStorage.getItem(STORED);
  return pasted ? () => pasted : null;
}

/** @param {string} [trouble] */
function askForToken(trouble = '') {
  const use = (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    sessionStorage.setItem(STORED, /** @type {HTMLInputElement} */ ($('token')).value.trim());
    location.reload();
  };
  $('sections').hidden = true;
  $('sign-out').hidden = true;
  render(html`<h1 id="title" tabindex="-1">Sign in</h1>
    <form class="sign-in" @submit=${use}>
      <p>Paste a user token. It stays in this tab until you close it.</p>
      ${trouble ? html`<p class="trouble" role="alert">${trouble}</p>` : nothing}
      <label for="token">User token</label>
      <input id="token" type="password" autocomplete="off" spellcheck="false" required>
      <button>Use this token</button>
    </form>`, $('view'));
}

function ended() {
  if (/** @type {any} */ (window).socialPublisherToken || local) return;
  sessionStorage.removeItem(STORED);
  askForToken('This token is not valid or has expired. Paste a new one.');
}

function showSimulation() {
  const { simulated = [], sandboxUrl } = local ?? {};
  if (!simulated.length) return;
  const names = new Intl.ListFormat('en').format(simulated.map(labelOf));
  const verb = simulated.length > 1 ? 'are' : 'is';
  render(html`${names} ${verb} simulated on this machine. Nothing leaves it.
    ${sandboxUrl ? html`<a href=${sandboxUrl} target="_blank" rel="noopener">Open the sandbox</a>` : nothing}`, $('banner'));
  $('banner').hidden = false;
}

async function start() {
  const token = await tokenSource();
  $('sign-out').onclick = () => {
    sessionStorage.removeItem(STORED);
    location.reload();
  };
  if (!token) {
    askForToken();
    return;
  }
  configure({ token });
  $('who').textContent = local?.user ? `Signed in as ${local.user}` : '';
  $('sign-out').hidden = !sessionStorage.getItem(STORED) || Boolean(local);
  $('sections').hidden = false;
  showSimulation();
  document.addEventListener('click', follow);
  window.addEventListener('popstate', () => show());
  document.addEventListener('social-session-ended', ended);
  document.addEventListener('social-posted', (event) => go(`/posts/${/** @type {CustomEvent} */ (event).detail.post.id}`));
  document.addEventListener('social-duplicate', (event) => {
    event.preventDefault();
    compose(/** @type {CustomEvent} */ (event).detail);
  });
  document.addEventListener('social-compose', (event) => {
    event.preventDefault();
    compose(/** @type {CustomEvent} */ (event).detail);
  });
  await show();
}

start();
