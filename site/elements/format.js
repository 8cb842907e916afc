// @ts-check
// How times, sizes and names are written.

/** @typedef {import('./session.js').Account} Account */

const DAY = { weekday: 'short', day: 'numeric', month: 'short' };
const TIME = { hour: 'numeric', minute: '2-digit' };
/** @param {object} parts */
const format = (parts) => new Intl.DateTimeFormat(undefined, /** @type {any} */ (parts));
const withZone = format({ ...DAY, ...TIME, timeZoneName: 'short' });
const withYear = format({ ...DAY, ...TIME, year: 'numeric', timeZoneName: 'short' });
const clock = format(TIME);
const exact = format({ hour: 'numeric', minute: '2-digit', second: '2-digit' });
const day = format(DAY);
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

export const zone = () => Intl.DateTimeFormat().resolvedOptions().timeZone.replaceAll('_', ' ');

/** @param {string | number | Date | null | undefined} value */
export function when(value) {
  const date = new Date(value ?? NaN);
  if (Number.isNaN(date.getTime())) return '';
  return (date.getFullYear() === new Date().getFullYear() ? withZone : withYear).format(date);
}

/** @param {string | Date} value */
export const timeOf = (value) => clock.format(new Date(value));

/** @param {string | Date} value */
export const dayName = (value) => day.format(new Date(value));

/** A moment inside a sentence. @param {string | undefined} value */
export const moment = (value = '') => (dayName(value) === dayName(new Date()) ? `at ${timeOf(value)}` : `on ${when(value)}`);

/** @param {string} value */
export const secondOf = (value) => exact.format(new Date(value));

/**
 * When a pause of this many seconds ends.
 * @param {number} seconds
 */
export const soon = (seconds) => (seconds < 90 ? 'in a minute' : `after ${when(Date.now() + seconds * 1000)}`);

/** An error in a sentence, with the time to try again. @param {any} error */
export function sentence(error) {
  const text = error?.message || String(error);
  return error?.retryAfter > 0 ? `${text} You can try again ${soon(error.retryAfter)}.` : text;
}

/** @param {number} number */
export const count = (number) => compact.format(number);

/** @param {number} number @param {string} one @param {string} many */
export const counted = (number, one, many) => `${count(number)} ${number === 1 ? one : many}`;

/** @param {number} number */
export function bytes(number) {
  const units = ['B', 'kB', 'MB', 'GB'];
  let unit = 0;
  let value = number;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value.toFixed(unit === 0 || value >= 100 ? 0 : 1)} ${units[unit]}`;
}

/** @param {number} seconds */
export function length(seconds) {
  if (seconds < 60) return `${Number(seconds.toFixed(1))} s`;
  const minutes = Math.floor(seconds / 60);
  const rest = Math.round(seconds % 60);
  return rest ? `${minutes} min ${rest} s` : `${minutes} min`;
}

/** @param {unknown} value */
export function webUrl(value) {
  try {
    const url = new URL(String(value));
    return url.protocol === 'https:' || url.protocol === 'http:' ? url.href : null;
  } catch {
    return null;
  }
}

/** @param {Account | undefined} account */
export const nameOf = (account) => account?.accountMetadata?.displayName || account?.username || account?.accountId || 'Account';

/** @param {Account | undefined} account */
export const handleOf = (account) => (account?.username ? `@${account.username.replace(/^@/, '')}` : '');

const two = (/** @type {number} */ number) => String(number).padStart(2, '0');

/** The day and time as a `datetime-local` input has them. @param {Date} date */
export const localInput = (date) =>
  `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}T${two(date.getHours())}:${two(date.getMinutes())}`;

/** The local time with the offset of that day, so that it is unambiguous. @param {Date} date */
export function withOffset(date) {
  const offset = -date.getTimezoneOffset();
  return `${localInput(date)}:${two(date.getSeconds())}${offset < 0 ? '-' : '+'}${two(Math.floor(Math.abs(offset) / 60))}:${two(Math.abs(offset) % 60)}`;
}
