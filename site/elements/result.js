// @ts-check
// A result on the page of its post: its state, what it waits for, and the button that helps.

import { html, nothing } from '../vendor/lit.js';
import { uploadProgress } from '../vendor/social-publisher.js';
import { labelOf, platformOf } from '../platforms/index.js';
import { bytes, handleOf, moment, nameOf, webUrl, when } from './format.js';
import { avatar } from './marks.js';
import { isAboutSettings } from './settings.js';
import { OUTCOMES } from './timeline.js';
import { holdOf, isAboutVideo, resultWord } from './words.js';

/** @typedef {import('./session.js').Account} Account */
/** @typedef {import('./session.js').Post} Post */
/** @typedef {import('./session.js').Result} Result */
/** @typedef {import('../vendor/social-publisher.js').Attempts['attempts']} Attempts */

/**
 * What the page of the post knows and does for its results.
 * @typedef {object} Desk
 * @property {Post} post
 * @property {Account | undefined} account
 * @property {Attempts | null} attempts
 * @property {import('./edit.js').Field[]} fields what can be edited now
 * @property {boolean} editing whether the edit is open
 * @property {(field: import('./edit.js').Field | undefined, refused?: Result) => void} edit
 * @property {() => void} retry
 * @property {(result: Result) => void} reconnect
 * @property {(result: Result, outcome: 'published' | 'notPublished') => void} resolve
 * @property {(text: string) => void} copy
 */

// What is due sooner has begun when a person has read about it.
const SOON_MS = 1_500;

/**
 * What a result waits for, unless its badge says so.
 * @param {Result} result @param {Post} post @param {Attempts | null} attempts
 */
export function waitOf(result, post, attempts) {
  const label = labelOf(result.platform);
  if (result.state === 'held') return holdOf(result, label);
  if (!['queued', 'publishing', 'processing'].includes(result.state) || Date.parse(post.publishAt) > Date.now()) return '';
  const pause = Date.parse(result.dueAt ?? '') - Date.now();
  const last = attempts?.findLast(({ resultId, step }) => resultId === result.id && (!result.step || step === result.step));
  if (last && last.outcome !== 'ok' && pause > SOON_MS) {
    return `The last try failed: ${OUTCOMES[last.outcome] ?? last.outcome}. Next try ${pause < 60_000 ? 'in a moment' : moment(result.dueAt)}.`;
  }
  if (result.state === 'processing') return `${label} is processing the video. This may take a few minutes.`;
  if (result.state === 'publishing') return '';
  return pause > SOON_MS ? `${label} takes one post of an account at a time. This one starts ${moment(result.dueAt)}.` : 'It starts within a minute.';
}

/** The HTML that shows a published video on another page. @param {Result} result */
function embedOf({ platform, platformPostId: id, platformUrl }) {
  const url = webUrl(platformUrl);
  const src = url && platformOf(platform)?.player(url, id);
  return src ? `<iframe src="${src}" width="325" height="578" allowfullscreen></iframe>` : '';
}

/** @param {Result} result @param {Desk} desk */
export function resultRow(result, desk) {
  const { post, account } = desk;
  const label = labelOf(result.platform);
  const [word, tone] = resultWord(result, post);
  const wait = waitOf(result, post, desk.attempts);
  const total = result.state === 'publishing' ? result.bytesTotal : 0;
  const embed = result.state === 'published' ? embedOf(result) : '';
  const failed = result.state === 'failed' || result.state === 'expired';
  const lapsed = result.state === 'held' && result.heldReason === 'needsReconnect';
  return html`<li>${avatar(account, result.platform)}<div class="stack close">
    <p class="row"><strong>${account ? nameOf(account) : `${label} account`}</strong><span class="badge ${tone}" part="badge">${word}</span></p>
    <p class="hint">${label} ${handleOf(account)}</p>
    ${total ? html`<progress max="1" .value=${uploadProgress(result) ?? 0} aria-label="Upload for ${nameOf(account)}"></progress><p class="hint">${bytes(result.bytesSent ?? 0)} of ${bytes(total)} sent</p>` : nothing}
    ${wait ? html`<p class=${result.state === 'held' ? '' : 'hint'}>${wait}</p>` : nothing}
    ${result.state === 'deliveredToInbox' ? html`<p class="hint">Open the inbox of the ${label} app to finish and post it.</p>` : nothing}
    ${result.caption ? html`<p class="hint pre">Caption here: ${result.caption}</p>` : nothing}
    ${failed && result.error ? html`<p class="error">${result.error.message}</p>` : nothing}
    ${result.state === 'inDoubt' ? doubt(result, desk, `We couldn’t confirm this post. Is the video on the ${label} profile?`)
      // A held result that cannot be cancelled may have been published.
      : lapsed && !result.cancellable ? doubt(result, desk, `${label} already has the whole video and may have published it. If you don’t want to reconnect, check the profile. Is the video there?`) : nothing}
    ${lapsed ? html`<div class="row"><button type="button" class="primary" part="button primary" @click=${() => desk.reconnect(result)}>Reconnect</button></div>` : nothing}
    ${failed && !desk.editing ? remedy(result, desk) : nothing}
    ${result.state === 'published' ? html`<p class="row hint">${webUrl(result.platformUrl) ? html`<a href=${/** @type {string} */ (result.platformUrl)} target="_blank" rel="noopener noreferrer">Open on ${label}</a>`
      : 'The link appears when the platform names it.'}${result.publishedAt ? html`<span>${when(result.publishedAt)}</span>` : nothing}</p>` : nothing}
    ${embed ? html`<details><summary class="hint">Embed</summary><div class="stack close"><pre class="mono">${embed}</pre>
      <p><button type="button" class="link" @click=${() => desk.copy(embed)}>Copy</button></p></div></details>` : nothing}
  </div></li>`;
}

/** @param {Result} result @param {Desk} desk @param {string} question */
function doubt(result, { account, resolve }, question) {
  const profile = webUrl(account?.accountMetadata?.profileUrl);
  return html`<p>${question} ${profile ? html`<a href=${profile} target="_blank" rel="noopener noreferrer">Open the profile</a>` : nothing}</p>
    <div class="row"><button type="button" part="button" @click=${() => resolve(result, 'published')}>Yes, it’s there</button>
      <button type="button" part="button" @click=${() => resolve(result, 'notPublished')}>No, post it again</button></div>`;
}

/** The button that can help comes first. @param {Result} result @param {Desk} desk */
function remedy(result, { fields, edit, retry }) {
  const again = (/** @type {string} */ kind) => html`<button type="button" class=${kind} part="button ${kind}" @click=${retry}>${result.state === 'expired' ? 'Publish it now' : 'Retry'}</button>`;
  if (result.state === 'failed' && isAboutVideo(result.error?.code)) {
    return html`<div class="row">${fields.includes('videoUrl') ? html`<button type="button" class="primary" part="button primary" @click=${() => edit('videoUrl')}>Replace the video</button>` : nothing}${again('')}</div>`;
  }
  const refused = result.state === 'failed' && isAboutSettings(result.error?.code) ? result : undefined;
  const change = (/** @type {string} */ kind) => html`<button type="button" class=${kind} part="button ${kind}" @click=${() => edit(fields.includes('caption') ? 'caption' : undefined, refused)}>Edit and retry</button>`;
  if (refused && fields.length) return html`<div class="row">${change('primary')}${again('')}</div>`;
  return html`<div class="row">${again('primary')}${fields.length ? change('') : nothing}</div>`;
}
