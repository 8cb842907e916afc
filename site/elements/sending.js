// @ts-check
// The request that publishes: it is sent with a key, so that pressing again never posts twice.

import { html, nothing } from '../vendor/lit.js';
import { ApiError } from '../vendor/social-publisher.js';
import { sentence, webUrl } from './format.js';
import { troubleOf } from './trouble.js';

/** @typedef {import('./draft.js').Trouble} Trouble */
/** @typedef {NonNullable<import('./draft.js').Form['sent']>} Sent */
/** @typedef {{id: string, wording: string, shown: unknown}} Consent what a person agrees to on one platform */

const PROCESSING = 'After you publish, it may take a few minutes for the video to be processed and to appear on your profile.';
// Only these responses prove that nothing was created under the key.
const DECIDED = [400, 404, 409, 413, 422];
// Fields that have a place of their own in the form.
const PLACED = ['videoUrl', 'caption', 'publishAt', 'results'];

export class Sending {
  /** @param {() => import('./session.js').Session} session */
  constructor(session) {
    this.session = session;
    this.busy = false;
    /** @type {Trouble[]} what the server refused, at its place in the form */
    this.refusals = [];
    this.fault = '';
    // Whether an earlier version of the form was accepted under this key.
    this.reused = false;
  }

  /** Withdraws what was said about the last request. */
  reset() {
    this.refusals = [];
    this.fault = '';
    this.reused = false;
  }

  /**
   * Returns the request with its key. A request without a response is sent again as it was.
   * @param {Sent | null} last @param {any} body @param {Consent[]} consents
   * @returns {Sent}
   */
  prepare(last, body, consents) {
    const text = JSON.stringify(body);
    return last?.text === text ? last : { key: last?.key ?? crypto.randomUUID(), text, body: this.#agreed(body, consents) };
  }

  /** @param {any} body @param {Consent[]} consents */
  #agreed(body, consents) {
    const at = new Date().toISOString();
    const wordings = new Map(consents.map(({ id, wording }) => [id, wording]));
    const of = (/** @type {string} */ id) => wordings.get(this.session().account(id)?.platform ?? '');
    return { ...body, results: body.results.map((/** @type {any} */ result) => ({ ...result, ...(of(result.accountId) && { consent: { at, wording: of(result.accountId) } }) })) };
  }

  /**
   * Sends the request. Returns the post, or whether it is certain that none was created.
   * @param {Sent} sent
   * @returns {Promise<{post: import('./session.js').Post | null, decided: boolean}>}
   */
  async send(sent) {
    this.reset();
    this.busy = true;
    try {
      return { post: await this.session().change((api) => api.createPost(sent.body, sent.key)), decided: true };
    } catch (error) {
      return { post: null, decided: this.#refused(error, sent.body) };
    } finally {
      this.busy = false;
    }
  }

  /** @param {unknown} error @param {any} body */
  #refused(error, body) {
    const failed = error instanceof ApiError ? error : null;
    if (!failed || failed.outcomeUnknown) {
      this.fault = `${sentence(error)} It’s safe to press the button again. It won’t post twice.`;
      return false;
    }
    if (failed.code === 'idempotency_key_reused') {
      this.reused = true;
      return false;
    }
    const trouble = troubleOf(failed, body, 'error', (id) => this.session().account(id));
    if (PLACED.includes(trouble.field) || trouble.accountId) this.refusals = [{ ...trouble, message: sentence(failed) }];
    else this.fault = sentence(failed);
    return DECIDED.includes(failed.status);
  }

  /** @param {{form: import('./draft.js').Form, blocked: string, consents: Consent[], postsHref: string, another: () => void}} view */
  template({ form, blocked, consents, postsHref, another }) {
    const { busy, fault, reused } = this;
    const { links } = this.session().setup ?? {};
    const legal = [['Terms', links?.terms], ['Privacy Policy', links?.privacy]].filter(([, href]) => webUrl(href));
    return html`<section class="card stack finish" part="card" aria-label="Publish">
      ${consents.map(({ shown }) => html`<p class="consent">${shown}</p>`)}
      <div role="alert">${reused
        ? html`<p class="error">Your earlier version was accepted, so this one was not posted. <a href=${postsHref}>Look at your posts</a>, or
            <button type="button" class="link" @click=${another}>post this as another one</button>.</p>`
        : fault ? html`<p class="error">${fault}</p>` : nothing}</div>
      ${form.sent && !fault && !reused && !busy ? html`<p class="hint">We don’t know yet if your last attempt arrived. It’s safe to press the button again. It won’t post twice.</p>` : nothing}
      <div class="row"><button class="primary grow" part="button primary" aria-disabled=${blocked || busy ? 'true' : 'false'} title=${blocked || nothing}>
        ${busy ? 'Sending…' : form.later ? 'Schedule' : 'Publish'}</button></div>
      ${blocked ? html`<p class="hint">${blocked}</p>` : nothing}
      <p class="hint">${PROCESSING}</p>
      ${legal.length ? html`<p class="hint row">${legal.map(([text, href]) => html`<a href=${href} target="_blank" rel="noopener">${text}</a>`)}</p>` : nothing}
    </section>`;
  }
}
