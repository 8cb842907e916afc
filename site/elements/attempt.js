// @ts-check
// An attempt to connect an account. The tab remembers it, because its popup outlasts a reload of the page.

/** @typedef {import('./session.js').Account} Account */

const KEY = 'social-connect-attempt';
// As long as a state lives.
const LIMIT_MS = 10 * 60_000;

/** @param {Account} account */
const fingerprint = (account) => `${account.status} ${account.connectedAt}`;

export class Attempt {
  /** @param {string} platform @param {number} [until] */
  constructor(platform, until = Date.now() + LIMIT_MS) {
    this.platform = platform;
    this.until = until;
    this.stop = new AbortController();
    // Whether the popup has closed without an outcome.
    this.closed = false;
    // Whether a reload has cut the page off from the popup.
    this.resumed = false;
    /** @type {Map<string, string> | null} */
    this.before = null;
  }

  /** Starts an attempt. @param {string} platform @param {Account[] | null} accounts */
  static start(platform, accounts) {
    const attempt = new Attempt(platform);
    attempt.compareWith(accounts);
    return attempt;
  }

  /** Returns the attempt that this tab remembers, if it can still succeed. */
  static resume() {
    const { platform, until, before } = JSON.parse(sessionStorage.getItem(KEY) ?? '{}');
    if (!platform || Date.now() > until) return null;
    const attempt = new Attempt(platform, until);
    attempt.before = before && new Map(before);
    attempt.resumed = true;
    return attempt;
  }

  static forget() {
    sessionStorage.removeItem(KEY);
  }

  /** Remembers the accounts that the attempt started with, once they are known. @param {Account[] | null} accounts */
  compareWith(accounts) {
    this.before ??= accounts && new Map(accounts.map((account) => [account.id, fingerprint(account)]));
    const { platform, until, before } = this;
    sessionStorage.setItem(KEY, JSON.stringify({ platform, until, before: before && [...before] }));
  }

  get expired() {
    return this.resumed && Date.now() > this.until;
  }

  /** Whether an account has been connected since the start. @param {Account[] | null} accounts */
  hasArrived(accounts) {
    const { platform, before } = this;
    return Boolean(before && accounts?.some((account) =>
      account.platform === platform && account.status === 'active' && before.get(account.id) !== fingerprint(account)));
  }
}

/**
 * Returns the accounts that the last sign-in on this platform connected: one grant connects its accounts at once.
 * @param {Account[]} accounts @param {string | null} platform
 */
export function newestOf(accounts, platform) {
  const active = accounts.filter((account) => account.platform === platform && account.status === 'active');
  const last = Math.max(...active.map(({ connectedAt }) => Date.parse(connectedAt)));
  return active.filter(({ connectedAt }) => last - Date.parse(connectedAt) < 1000);
}
