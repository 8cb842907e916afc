// @ts-check
// What the platforms let each account choose from, as they said it last.

import { platformOf } from '../platforms/index.js';
import { sentence } from './format.js';

/** @typedef {import('./session.js').Account} Account */
/** @typedef {import('../platforms/index.js').Remote} Remote */

// TikTok wants its creator's settings fresh.
const FRESH_MS = 5 * 60_000;

export class Choices {
  /**
   * @param {() => import('./session.js').Session} session
   * @param {(account: any) => void} changed
   */
  constructor(session, changed) {
    this.session = session;
    this.changed = changed;
    /** @type {Map<string, Remote>} */
    this.remotes = new Map();
  }

  /** Asks again where the last answer is old. A refusal stays until the person asks again. @param {any[]} accounts */
  freshen(accounts) {
    for (const account of accounts) {
      const remote = this.remotes.get(account.id);
      if (!remote || (!remote.error && Date.now() - (remote.at ?? Date.now()) > FRESH_MS)) this.load(account);
    }
  }

  /** @param {Account} account */
  async load(account) {
    if (!platformOf(account.platform)?.asks) return;
    this.remotes.set(account.id, { ...this.remotes.get(account.id), at: undefined });
    try {
      const { options } = await this.session().call((api) => api.postingOptions(account.id));
      this.remotes.set(account.id, { options, at: Date.now() });
    } catch (error) {
      this.remotes.set(account.id, { error: sentence(error), at: Date.now() });
    }
    this.changed(account);
  }

  /** What accounts of one platform may all choose from; the first that may not decides. @param {any[]} accounts @returns {Remote | undefined} */
  of(accounts) {
    const all = accounts.map(({ id }) => this.remotes.get(id));
    if (all.length < 2 || all.some((remote) => !remote?.options)) return all.find((remote) => !remote?.options) ?? all.find(Boolean);
    return { options: platformOf(accounts[0].platform)?.merge(all.map((remote) => remote?.options)) };
  }
}
