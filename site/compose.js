// The Publish section: one video, one caption, the chosen accounts with their options, now or later.

import { createPost, validatePost } from './api.js';
import { $, announce, avatar, clearErrors, el, fieldError, handleOf, nameOf, notice, setUrl, webUrl, withOffset } from './dom.js';
import { labelOf, optionsOf } from './platforms.js';
import { verdict } from './verdict.js';

// The lowest limits of any platform, while no account is chosen.
const CAPTION = { most: 2200, unit: 'characters', of: (text) => text.length };
const SHARED = ['videoUrl', 'caption', 'publishAt', 'results'];

const form = $('compose');
const video = $('preview');
const chosen = new Map(); // account id -> its options, in the order of selection

let accounts = [];
let key = null; // the Idempotency-Key of the form, until the server has certainly decided
let unsure = false; // an earlier request got no response, so it may have arrived
let busy = false;
let published = () => {};

export function startCompose({ sampleVideoUrl }, onPublished) {
  published = onPublished;
  if (webUrl(sampleVideoUrl)) {
    $('video-url').placeholder = sampleVideoUrl;
    $('use-sample').hidden = false;
    $('use-sample').onclick = () => {
      $('video-url').value = sampleVideoUrl;
      clearErrors($('video-url').closest('[data-field]'));
      showPreview();
    };
  }
  $('video-url').addEventListener('change', showPreview);
  $('caption').addEventListener('input', countCaption);
  for (const radio of form.elements.when) radio.addEventListener('change', showWhen);
  video.addEventListener('error', () => previewText('Your browser can’t play this video. Press Check to learn more.', true));
  $('check').addEventListener('click', check);
  form.addEventListener('submit', publish);
  // An error of a field belongs to its old value.
  form.addEventListener('input', ({ target }) => clearErrors(target.closest('[data-field]') ?? form));
  countCaption();
  showWhen();
  update();
}

export function offerAccounts(list) {
  accounts = list.filter(({ platform }) => optionsOf(platform));
  const active = new Set(accounts.filter(({ status }) => status === 'active').map(({ id }) => id));
  for (const id of chosen.keys()) if (!active.has(id)) unchoose(id);
  const focus = document.activeElement?.dataset?.choice;
  $('choices').replaceChildren(...accounts.map((account) => el('label', { class: 'pick choice' },
    el('input', {
      type: 'checkbox',
      'data-choice': account.id,
      checked: chosen.has(account.id),
      disabled: !active.has(account.id),
      onchange: (event) => {
        clearErrors($('caption').closest('[data-field]'));
        $('form-error').hidden = true;
        $('form-error').textContent = '';
        if (event.target.checked) choose(account);
        else unchoose(account.id);
      },
    }),
    avatar(account.accountMetadata?.avatarUrl, nameOf(account), 'small'),
    el('span', {}, nameOf(account), ' ',
      el('span', { class: 'hint' }, `${labelOf(account.platform)} ${handleOf(account)}${active.has(account.id) ? '' : ' (reconnect it first)'}`)))));
  if (!accounts.length) $('choices').append(el('p', { class: 'hint' }, 'Connect an account first.'));
  if (focus) $('choices').querySelector(`[data-choice="${CSS.escape(focus)}"]`)?.focus();
  update();
}

function choose(account) {
  const Options = optionsOf(account.platform);
  const options = new Options(account, { changed: update, coverPosition: () => video.currentTime || 0 });
  chosen.set(account.id, options);
  $('options').append(options.element);
  update();
}

function unchoose(id) {
  chosen.get(id)?.element.remove();
  chosen.delete(id);
  update();
}

function update() {
  const all = [...chosen.values()];
  const kinds = [...new Set(all.map((options) => options.constructor))];
  const consents = kinds.map((Kind) => Kind.consent(all.filter((options) => options instanceof Kind))).filter(Boolean);
  $('consent').hidden = !consents.length;
  $('consent').replaceChildren(...consents.flatMap((line, at) => (at ? [el('br'), ...line] : line)));
  const blocked = all.map((options) => options.blocked).find(Boolean) ?? '';
  const submit = $('submit');
  submit.setAttribute('aria-disabled', String(Boolean(blocked) || busy));
  submit.title = blocked;
  submit.textContent = form.elements.when.value === 'later' ? 'Schedule' : 'Publish';
  $('blocked').textContent = blocked;
  $('blocked').hidden = !blocked;
  $('check').disabled = busy;
  countCaption();
}

function previewText(text, bad = false) {
  $('preview-text').textContent = text;
  $('preview-text').hidden = !text;
  if (bad) video.hidden = true;
}

function showPreview() {
  const url = webUrl($('video-url').value.trim());
  setUrl(video, 'src', url ?? '');
  video.hidden = !url;
  if (!url) video.load();
  previewText(url ? '' : 'The preview appears here.');
  $('check-result').replaceChildren();
}

function countCaption() {
  const text = $('caption').value;
  const rules = chosen.size ? [...chosen.values()].map(({ caption }) => caption) : [CAPTION];
  const used = ({ most, of }) => of(text) / most;
  const tightest = rules.reduce((least, rule) => (used(rule) > used(least) || (used(rule) === used(least) && rule.most < least.most) ? rule : least));
  $('caption-count').textContent = `${tightest.of(text)} / ${tightest.most}${tightest.unit === 'bytes' ? ' bytes' : ''}`;
  $('caption-count').classList.toggle('over', tightest.of(text) > tightest.most);
}

function showWhen() {
  $('later').hidden = form.elements.when.value !== 'later';
  $('zone').textContent = `Your time zone: ${Intl.DateTimeFormat().resolvedOptions().timeZone}`;
  update();
}

function read() {
  const body = {
    videoUrl: $('video-url').value.trim(),
    caption: $('caption').value,
    results: [...chosen].map(([accountId, options]) => ({ accountId, [options.account.platform]: options.read() })),
  };
  const date = new Date($('publish-at').value);
  if (form.elements.when.value === 'later' && !Number.isNaN(date.getTime())) body.publishAt = withOffset(date);
  return body;
}

function problems() {
  const found = [];
  const add = (field, message, accountId) => found.push({ field, message, accountId });
  if (!webUrl($('video-url').value.trim())) add('videoUrl', 'Enter the video’s web address, starting with https://.');
  if (!chosen.size) add('results', 'Choose at least one account.');
  const caption = $('caption').value;
  const tooLong = new Set();
  for (const [accountId, options] of chosen) {
    const { most, unit, of } = options.caption;
    if (of(caption) > most) tooLong.add(`Shorten the caption to ${most} ${unit} for ${labelOf(options.account.platform)}.`);
    for (const [field, message] of options.problems(video.duration, caption)) add(field, message, accountId);
  }
  for (const message of tooLong) add('caption', message);
  if (form.elements.when.value === 'later') {
    const date = new Date($('publish-at').value);
    if (Number.isNaN(date.getTime())) add('publishAt', 'Choose a date and time.');
    else if (date <= new Date()) add('publishAt', 'Choose a time in the future.');
  }
  return found;
}

// A field has a name like `caption` or `results[0].tiktok.privacy_level`. Errors without a place of their own appear above the button.
function show(errors, body) {
  let first = null;
  for (const { field = '', message, accountId } of errors) {
    const parts = String(field).split(/[.[\]/]+/).filter(Boolean);
    const index = parts[0] === 'results' ? parts[1] : undefined;
    const account = accountId ?? body?.results[index]?.accountId;
    const name = parts.findLast((part) => !/^\d+$/.test(part)) ?? '';
    const options = chosen.get(account);
    const place = (SHARED.includes(name) && fieldError(form, name, message))
      || (options && fieldError(options.element, options.place(name), message));
    if (place) first ??= place;
    else {
      const end = $('form-error');
      end.textContent = [end.textContent, message].filter(Boolean).join(' ');
      end.hidden = false;
    }
  }
  first?.querySelector('input:not(:disabled), select, textarea')?.focus();
}

function work(on, text) {
  busy = on;
  update();
  if (text) announce(text);
}

async function check() {
  clearErrors(form);
  const own = problems();
  const body = read();
  $('check-result').replaceChildren();
  if (own.some(({ field }) => field === 'videoUrl' || field === 'results')) return show(own);
  work(true, 'Checking the video');
  $('check-result').replaceChildren(el('p', { class: 'hint' }, 'Checking the video…'));
  try {
    const answer = await validatePost(body);
    const covered = (theirs) => own.some((mine) => mine.accountId === theirs.accountId && theirs.field?.endsWith(mine.field));
    const errors = [...own, ...answer.errors.filter((theirs) => !covered(theirs))];
    show(errors, body);
    $('check-result').replaceChildren(...verdict(errors, answer));
  } catch (error) {
    $('check-result').replaceChildren();
    show([...own, { field: error.field, message: error.sentence }], body);
  }
  work(false);
}

async function publish(event) {
  event.preventDefault();
  if (busy || $('submit').getAttribute('aria-disabled') === 'true') return;
  clearErrors(form);
  const own = problems();
  if (own.length) return show(own);
  const body = read();
  key ??= crypto.randomUUID();
  work(true, 'Sending');
  try {
    const post = await createPost(body, key);
    reset();
    published(post);
    notice(body.publishAt ? 'Scheduled. You can see the post under Posts.'
      : 'Accepted. It may take a few minutes for the video to be processed and to appear on the profile. You can follow it under Posts.', 'good');
  } catch (error) {
    show([{ field: error.field, message: error.sentence }, ...after(error)], body);
  }
  work(false);
}

// Only a conclusive response releases the key. With the same key, sending the same form twice posts once.
function after(error) {
  if (error.outcomeUnknown) {
    unsure = true;
    return [{ message: 'It’s safe to press the button again. It won’t post twice.' }];
  }
  if (![400, 404, 409, 422].includes(error.status)) return [];
  const doubt = unsure;
  key = null;
  unsure = false;
  return doubt ? [{ message: 'Your earlier attempt may have gone through. Check Posts first.' }] : [];
}

function reset() {
  key = null;
  unsure = false;
  form.reset();
  for (const id of [...chosen.keys()]) unchoose(id);
  offerAccounts(accounts);
  showPreview();
  countCaption();
  showWhen();
}
