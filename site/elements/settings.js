// @ts-check
// The settings of single results, chosen again in an edit: what a platform refused is changed before the retry.

import { html, nothing } from '../vendor/lit.js';
import { ordered, platformOf } from '../platforms/index.js';
import { Choices } from './choices.js';
import { nameOf } from './format.js';
import { errorLine } from './trouble.js';

/** @typedef {import('./session.js').Result} Result */
/** @typedef {import('./session.js').Post} Post */
/** @typedef {import('../platforms/index.js').Platform} Platform */

const CHANGEABLE = ['queued', 'held', 'failed', 'expired'];

// Codes of errors that another choice in the settings can fix.
/** @param {string | undefined} code */
export const isAboutSettings = (code) => /privac|private|option|tags|collaborator|kids|category|brand/.test(code ?? '');

/** The frame that the cover shows, in milliseconds. @param {Result['options']} options */
function coverOf(options) {
  if (options && 'video_cover_timestamp_ms' in options) return options.video_cover_timestamp_ms ?? null;
  return options && 'thumb_offset' in options ? options.thumb_offset ?? null : null;
}

export class Settings {
  /**
   * @param {() => import('./session.js').Session} session
   * @param {() => void} changed
   */
  constructor(session, changed) {
    this.session = session;
    this.changed = changed;
    this.remotes = new Choices(session, changed);
    /** @type {Map<string, any>} the choices of the accounts whose settings change */
    this.chosen = new Map();
    this.tried = false;
  }

  /** @param {string} accountId */
  open(accountId) {
    const account = this.session().account(accountId);
    if (account?.status !== 'active' || this.chosen.has(accountId)) return;
    this.chosen.set(accountId, platformOf(account.platform)?.initial(account) ?? {});
    this.remotes.load(account);
    this.changed();
  }

  /** @param {string} accountId */
  #close(accountId) {
    this.chosen.delete(accountId);
    this.changed();
  }

  /** @param {Post} post */
  #changing(post) {
    return post.results.filter(({ accountId }) => this.chosen.has(accountId)).map((result) => {
      const platform = /** @type {Platform} */ (platformOf(result.platform));
      const choice = this.chosen.get(result.accountId);
      const remote = this.remotes.remotes.get(result.accountId);
      const problems = platform.problems({ choice, remote, seconds: 0, caption: result.caption ?? post.caption })
        .filter(([field]) => field !== 'caption')
        .map(([field, message]) => /** @type {import('./draft.js').Trouble} */ ({ field, message, kind: 'error' }));
      return { result, platform, choice, remote, problems };
    });
  }

  /** Whether something is still to be chosen. @param {Post} post */
  isOpen(post) {
    this.tried = true;
    this.changed();
    return this.#changing(post).some(({ problems }) => problems.length);
  }

  /** The changed results, as a request has them. @param {Post} post */
  read(post) {
    return this.#changing(post).map(({ result, platform, choice }) => {
      const { accountId, caption, aiGenerated, options } = result;
      const consent = platform.consent([choice]);
      return {
        accountId,
        ...(caption !== undefined && { caption }),
        ...(aiGenerated !== undefined && aiGenerated !== post.aiGenerated && { aiGenerated }),
        ...(consent && { consent: { at: new Date().toISOString(), wording: consent.wording } }),
        [platform.id]: platform.read(choice, { cover: coverOf(options), ai: aiGenerated === true }),
      };
    });
  }

  /** @param {Post} post */
  template(post) {
    const changing = new Map(this.#changing(post).map((each) => [each.result.accountId, each]));
    return ordered(post.results).filter(({ state }) => CHANGEABLE.includes(state)).map(({ accountId, platform: name }) => {
      const account = this.session().account(accountId);
      const label = platformOf(name)?.label;
      if (account?.status !== 'active') return nothing;
      const change = changing.get(accountId);
      if (!change) return html`<p><button type="button" class="link" @click=${() => this.open(accountId)}>Change the ${label} settings of ${nameOf(account)}</button></p>`;
      const { platform, choice, remote, problems } = change;
      const id = (/** @type {string} */ part) => `${accountId}-${part}`;
      const consent = platform.consent([choice]);
      return html`<section class="settings" aria-label="${label} settings of ${nameOf(account)}">
        <p><strong>${label} settings of ${nameOf(account)}</strong></p>
        ${platform.template({
          account, choice, remote, id,
          set: (/** @type {object} */ changes) => {
            this.chosen.set(accountId, { ...choice, ...changes });
            this.changed();
          },
          error: (/** @type {string} */ field) => errorLine(problems.filter((trouble) => this.tried && trouble.field === field && trouble.message), id(`${field}-error`)),
          retry: () => this.remotes.load(account),
          ai: post.aiGenerated === true,
          setup: this.session().setup?.platforms.find((each) => each.platform === name),
        })}
        ${consent ? html`<p class="consent">${consent.shown}</p>` : nothing}
        <p><button type="button" class="link" @click=${() => this.#close(accountId)}>Keep the old settings</button></p>
      </section>`;
    });
  }
}
