// @ts-check
// The words for states, and the sentences for outcomes.

import { PLATFORMS } from '../platforms/index.js';
import { moment, when } from './format.js';

/** @typedef {[word: string, tone: 'good' | 'warn' | 'bad' | 'info' | 'idle']} Word */

/** @type {Record<string, Word>} */
export const POST = {
  scheduled: ['Scheduled', 'info'], publishing: ['Publishing', 'info'], published: ['Published', 'good'],
  partial: ['Partly published', 'warn'], failed: ['Failed', 'bad'], cancelled: ['Cancelled', 'idle'],
  expired: ['Expired', 'idle'], needsAttention: ['Needs you', 'warn'],
};

/** @type {Record<string, Word>} */
const RESULT = {
  queued: ['Waiting', 'info'], held: ['On hold', 'warn'], publishing: ['Publishing', 'info'],
  processing: ['Processing', 'info'], published: ['Published', 'good'], deliveredToInbox: ['In the app’s inbox', 'good'],
  inDoubt: ['Please check', 'warn'], failed: ['Failed', 'bad'], cancelled: ['Cancelled', 'idle'], expired: ['Expired', 'idle'],
};

/** @type {Record<string, Word>} */
export const ACCOUNT = {
  active: ['Connected', 'good'], needsReconnect: ['Reconnect needed', 'warn'], disconnected: ['Disconnected', 'idle'],
};

// The server fills in a publishing time if none was chosen.
/** @param {any} post */
const isScheduled = (post) => post.scheduled ?? Date.parse(post.publishAt) - Date.parse(post.createdAt) > 60_000;

/** When a post goes out, went out, or was to go out. @param {any} post */
export function timing(post) {
  const never = post.state === 'cancelled' || post.state === 'expired';
  if (isScheduled(post)) return `${never ? 'Was scheduled' : 'Scheduled'} for ${when(post.publishAt)}`;
  return `${never ? 'Created' : 'Sent'} ${when(post.createdAt)}`;
}

/** @param {any} post @returns {Word} */
function postWord(post) {
  if (post.state === 'scheduled' && !(Date.parse(post.publishAt) > Date.now())) return ['Starting', 'info'];
  return POST[post.state] ?? [post.state, 'idle'];
}

/** The word for a post: with one account, the word for its result. @param {any} post @returns {Word} */
export const wordOf = (post) => (post.results.length === 1 ? resultWord(post.results[0], post) : postWord(post));

/** @param {any} result @param {any} post @returns {Word} */
export function resultWord(result, post) {
  if (result.state === 'held' && result.heldReason === 'needsReconnect') return ['Reconnect needed', 'warn'];
  if (result.state !== 'queued') return RESULT[result.state] ?? [result.state, 'idle'];
  const time = Date.parse(post.publishAt ?? '');
  if (time > Date.now()) return ['Scheduled', 'info'];
  return Date.parse(result.dueAt ?? '') > Date.now() + 1500 ? ['Waiting for its turn', 'info'] : ['Starting', 'info'];
}

const named = (/** @type {string} */ label) => PLATFORMS.find((platform) => platform.label === label);

/** @type {Record<string, (platform: string) => string>} */
const REASONS = {
  access_denied: (p) => `You didn’t allow access on ${p}, so nothing was connected. Connect again when you are ready.`,
  state_expired: () => 'The sign-in took more than ten minutes. Connect again.',
  state_used: () => 'This sign-in was already used. If the account isn’t listed below, connect again.',
  state_unknown: () => 'This sign-in didn’t start on this page. Connect again from here.',
  other_browser: () => 'The sign-in ended in a different browser. Connect again in one browser, with cookies allowed for this site.',
  other_account: (p) => `You signed in to a different ${p} account. Switch accounts on ${p} and reconnect, or connect the other one as a new account.`,
  other_platform: (p) => `Something mixed up two platforms during the sign-in. Connect ${p} again from this page.`,
  internal_error: (p) => `Something went wrong on our side, and nothing was connected. Connect ${p} again in a moment.`,
  exchange_failed: (p) => `${p} didn’t confirm the sign-in. Connect again. If it keeps happening, contact support.`,
  platform_refused: (p) => `${p} ended the sign-in with an error. Connect again in a few minutes. If it keeps happening, contact support.`,
  missing_scope: () => 'A permission that we need for publishing was turned off. Connect again and leave every permission on.',
  no_account: (p) => named(p)?.noAccount ?? `We found no ${p} account that you can publish to. Choose another one and connect again.`,
  not_lasting: (p) => `${p} only gave access for a few hours. Connect again and agree to everything it asks.`,
  invalid_response: (p) => `We couldn’t read the response from ${p}. Connect again. If it keeps happening, contact support.`,
  platform_unavailable: (p) => `We can’t reach ${p} right now. Connect again in a few minutes.`,
  platform_off: (p) => `${p} is turned off here. Ask the operator of this product.`,
  no_response: (p) => `${p} didn’t respond within ten minutes. Connect again.`,
  network: () => 'The server did not respond. Check your connection and try again.',
  unauthorized: () => 'Your session has ended. Sign in again.',
};

/**
 * @param {{social: string, reason: string | null, leftOut: string | null}} outcome
 * @param {string} label
 * @param {string[]} [names] the accounts that came
 */
export function outcomeOf({ social, reason, leftOut }, label, names = []) {
  const others = leftOut ? ` ${leftOut} left out: you can’t publish there.` : '';
  if (social === 'connected') {
    const what = named(label)?.accounts ?? 'accounts';
    const who = names.length > 1 ? `${names.length} ${label} ${what} connected: ${new Intl.ListFormat('en').format(names)}.`
      : names.length ? `${names[0]} is connected.` : `Your ${label} account is connected.`;
    return { kind: 'good', text: who + others };
  }
  const text = Object.hasOwn(REASONS, reason ?? '') ? REASONS[/** @type {string} */ (reason)](label) : 'The account wasn’t connected. Connect again.';
  return { kind: reason === 'access_denied' ? 'info' : 'bad', text: text + others };
}

const RETRY = / We['’]ll retry automatically\.$/;

/** Why a result is on hold, and what ends it. @param {any} result @param {string} platform */
export function holdOf({ heldReason, heldUntil, error }, platform) {
  if (heldReason === 'needsReconnect') return error?.message ?? 'Reconnect this account. After that, the post continues.';
  const why = error?.message ?? `${platform} asked us to slow down for a while.`;
  // With the time at hand, the general promise would say the same once more.
  return heldUntil ? `${why.replace(RETRY, '')} It continues automatically ${moment(heldUntil)}.` : why;
}

// Errors of the video itself: a retry with the same file fails again.
/** @param {string | undefined} code */
export const isAboutVideo = (code) => /^video_(?!server_error|stalled|unreachable|truncated)/.test(code ?? '') || /^(frame_rate|file_format|duration|picture_size)/.test(code ?? '');
