// @ts-check
// The check of a form by the server: it follows each change, and its verdict counts only for what was checked.

import { ApiError } from '../vendor/social-publisher.js';
import { platformOf } from '../platforms/index.js';
import { webUrl } from './format.js';
import { troubleOf } from './trouble.js';

/** @typedef {import('./draft.js').Trouble} Trouble */
/** @typedef {{text: string, url: string, troubles: Trouble[], video: any, surfaces: any[], failed: boolean}} Verdict */

// After the last change, and not more often than every three seconds.
const AFTER_MS = 700;
const EVERY_MS = 3_000;

export class Check {
  /**
   * @param {() => import('./session.js').Session} session
   * @param {() => void} changed
   */
  constructor(session, changed) {
    this.session = session;
    this.changed = changed;
    /** @type {Verdict | null} */
    this.verdict = null;
    /** @type {AbortController | null} */
    this.running = null;
    this.began = 0;
    this.timer = 0;
  }

  /** Withdraws what is running, and checks this request after a moment. @param {any} body @param {any[]} accounts */
  soon(body, accounts) {
    this.stop();
    if (!webUrl(body.videoUrl) || this.isFor(body)) return;
    const pause = Math.max(AFTER_MS, this.began + EVERY_MS - Date.now());
    this.timer = window.setTimeout(() => this.#run(body, accounts), pause);
  }

  stop() {
    clearTimeout(this.timer);
    this.running?.abort();
    this.running = null;
  }

  /** Whether the verdict is about this request. @param {any} body */
  isFor(body) {
    return !this.running && !this.verdict?.failed && this.verdict?.text === JSON.stringify(body);
  }

  /** The facts of this video, if they were read. @param {string} url */
  factsOf(url) {
    return this.verdict?.url === url ? this.verdict.video : null;
  }

  /** @param {any} body @param {any[]} accounts */
  async #run(body, accounts) {
    // Without an account the facts are read through any, best through one whose platform is not asked.
    const facts = !body.results.length;
    const any = accounts.filter(({ status }) => status === 'active').toSorted((a, b) => Number(platformOf(a.platform)?.asks) - Number(platformOf(b.platform)?.asks))[0];
    if (facts && !any) return;
    const request = facts ? { videoUrl: body.videoUrl, caption: 'x', results: [{ accountId: any.id }] } : body;
    const about = { text: JSON.stringify(body), url: body.videoUrl };
    const accountOf = (/** @type {string} */ id) => accounts.find((account) => account.id === id);
    const stop = new AbortController();
    this.running = stop;
    this.began = Date.now();
    this.changed();
    /** @type {Verdict} */
    let verdict;
    try {
      const { errors, warnings, video, surfaces } = await this.session().call((api) => api.validatePost(/** @type {any} */ (request), { signal: stop.signal }));
      const of = (/** @type {any[]} */ found, /** @type {'error' | 'warning'} */ kind) => found.map((each) => troubleOf(each, body, kind, accountOf));
      const troubles = [...of(errors, 'error'), ...of(warnings, 'warning')].filter(({ field, accountId }) => !facts || (field === 'videoUrl' && !accountId));
      verdict = { ...about, troubles, video, surfaces, failed: false };
    } catch (error) {
      const refused = error instanceof ApiError && error.status === 422 && !facts;
      verdict = { ...about, troubles: refused ? [troubleOf(error, body, 'error', accountOf)] : [], video: null, surfaces: [], failed: !refused };
    }
    if (this.running !== stop) return;
    this.running = null;
    this.verdict = verdict;
    this.changed();
  }
}
