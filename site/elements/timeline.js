// @ts-check
// What happened to a post, in plain words, with the technical details folded behind.

import { html, nothing } from '../vendor/lit.js';
import { labelOf } from '../platforms/index.js';
import { bytes, dayName, nameOf, secondOf } from './format.js';

/** @typedef {import('./session.js').Result} Result */
/** @typedef {import('./result.js').Attempts} Attempts */
/** @typedef {(result: Result) => import('./session.js').Account | undefined} AccountOf */
/** @typedef {import('./session.js').Post} Post */

/** @type {Record<string, string>} */
const STEPS = {
  inspect: 'Checking the video', creator: 'Reading the account’s settings', channel: 'Reading the channel’s settings', quota: 'Reading the number of posts left',
  allowance: 'Reading the number of posts left', init: 'Announcing the video', open: 'Announcing the video', start: 'Announcing the video', create: 'Preparing the post',
  upload: 'Upload', check: 'Asking what arrived', ask: 'Asking what arrived', poll: 'Asking for the status', publish: 'Request to publish', finish: 'Request to publish',
  recall: 'Request to stop', find: 'Looking for the link', cover: 'Sending the cover',
};
// What a person wants to know of the calls that went well; the rest stands in the details.
/** @type {Record<string, string>} */
const GOOD = { upload: 'The video was sent', publish: 'Asked to publish', finish: 'Asked to publish', recall: 'Asked to stop' };
/** @type {Record<string, string>} */
export const OUTCOMES = { refused: 'the platform declined', notSent: 'no connection', noReply: 'no response came', crashed: 'interrupted', sourceFailed: 'the video could not be read' };
const EFFECTS = { read: 'Reads', idempotent: 'Repeatable', once: 'Only once' };
const HEADS = ['Time', 'Account', 'Step', 'Effect', 'Outcome', 'HTTP', 'Code', 'Log ID', 'Bytes', 'Duration'];

/**
 * The events, with repeated ones put together.
 * @param {Post} post
 * @param {Attempts} attempts
 * @param {AccountOf} accountOf
 */
export function eventsOf(post, attempts, accountOf) {
  const platforms = post.results.map(({ platform }) => platform);
  const nameIn = (/** @type {Result} */ result) => {
    const alone = platforms.filter((/** @type {string} */ platform) => platform === result.platform).length === 1;
    return alone ? labelOf(result.platform) : `${labelOf(result.platform)} (${nameOf(accountOf(result))})`;
  };
  /** @type {{at: string, text: string, times: number, tone: string, who: string}[]} */
  const events = [{ at: post.createdAt, text: 'You created the post', times: 1, tone: '', who: '' }];
  for (const attempt of attempts) {
    const result = post.results.find(({ id }) => id === attempt.resultId);
    const good = attempt.outcome === 'ok';
    if (!result || (good && !GOOD[attempt.step])) continue;
    const who = nameIn(result);
    const step = STEPS[attempt.step] ?? `Step “${attempt.step}”`;
    const text = good ? `${who}: ${GOOD[attempt.step]}` : `${who}: ${step} failed (${OUTCOMES[attempt.outcome] ?? attempt.outcome})`;
    const last = events.findLast((event) => event.who === who);
    if (last?.text === text) {
      last.times += 1;
      last.at = attempt.at;
    } else events.push({ at: attempt.at, text, times: 1, tone: good ? '' : 'warn', who });
  }
  for (const result of post.results) {
    if (!result.publishedAt) continue;
    const who = nameIn(result);
    // The call that published it is saved a moment later.
    const last = events.findLast((event) => event.who === who && !event.tone)?.at;
    const at = last && Date.parse(last) > Date.parse(result.publishedAt) ? last : result.publishedAt;
    events.push({ at, text: `Published on ${who}`, times: 1, tone: 'good', who });
  }
  if (post.state === 'cancelled') events.push({ at: post.updatedAt, text: 'The post was cancelled', times: 1, tone: '', who: '' });
  if (Date.parse(post.publishAt) > Date.now() && post.state === 'scheduled') events.push({ at: post.publishAt, text: 'Publishing starts', times: 1, tone: '', who: '' });
  return events.sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
}

/** @param {Post} post @param {Attempts | null} attempts @param {AccountOf} accountOf */
export function timeline(post, attempts, accountOf) {
  if (!attempts) return html`<p class="hint">Loading…</p>`;
  const events = eventsOf(post, attempts, accountOf);
  let day = '';
  return html`<ol class="timeline">${events.map(({ at, text, times, tone }) => {
      const starts = dayName(at) !== day;
      day = dayName(at);
      return html`${starts ? html`<li class="day">${day}</li>` : nothing}<li class=${tone}><time datetime=${at} class="hint">${secondOf(at)}</time>
        <span>${text}${times > 1 ? html` <span class="hint">${times}\u00a0times</span>` : nothing}</span></li>`;
    })}</ol>
    ${attempts.length ? html`<details><summary class="hint">Technical details</summary>${table(post, attempts, accountOf)}${ids(post)}</details>` : nothing}`;
}

/** @param {Post} post @param {Attempts} attempts @param {AccountOf} accountOf */
function table(post, attempts, accountOf) {
  return html`<div class="table" role="region" aria-label="Calls to the platform" tabindex="0"><table>
    <thead><tr>${HEADS.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
    <tbody>${attempts.map((call) => {
      const result = post.results.find(({ id }) => id === call.resultId);
      const cells = [
        html`<time datetime=${call.at}>${secondOf(call.at)}</time>`, result ? `${labelOf(result.platform)} ${nameOf(accountOf(result))}` : '', call.step,
        EFFECTS[/** @type {'read'} */ (call.effect)] ?? call.effect, call.outcome, call.httpStatus, call.platformCode, call.logId,
        call.bytes === null ? '' : bytes(call.bytes), `${call.durationMs} ms`,
      ];
      return html`<tr>${cells.map((cell) => html`<td>${cell ?? ''}</td>`)}</tr>`;
    })}</tbody></table></div>`;
}

/** @param {Post} post */
function ids(post) {
  return post.results.map((result) => {
    const known = new Set([result.error?.code, result.step && `step ${result.step}`, result.publishId, result.platformPostId].filter(Boolean));
    return known.size ? html`<p class="mono hint">${[labelOf(result.platform), ...known].join(' · ')}</p>` : nothing;
  });
}
