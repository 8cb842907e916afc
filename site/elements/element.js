// @ts-check
// What all elements share: the session, notices, a question before something ends.

import { LitElement, html, nothing } from '../vendor/lit.js';
import { sentence } from './format.js';
import { sessionOf } from './session.js';
import { styles } from './styles.js';

const GOOD_NEWS_MS = 8_000;

export class SocialElement extends LitElement {
  static styles = [styles];
  static properties = {
    token: { attribute: false },
    baseUrl: { attribute: 'base-url' },
    postHref: { attribute: 'post-href' },
    accountsHref: { attribute: 'accounts-href' },
    composeHref: { attribute: 'compose-href' },
  };

  constructor() {
    super();
    /** @type {import('./session.js').Token | undefined} */
    this.token = undefined;
    /** @type {string | undefined} */
    this.baseUrl = undefined;
    this.postHref = '/posts/{id}';
    this.accountsHref = '/integrations';
    this.composeHref = '/compose';
    /** @type {{text: string, kind: string, more?: unknown} | null} */
    this.news = null;
    /** @type {{title: string, text: string, yes: string, answer: (yes: boolean) => void} | null} */
    this.question = null;
    /** @type {(() => void)[]} */
    this.leave = [];
    this.newsTimer = 0;
  }

  /** Where the list of posts is. */
  get postsHref() {
    return this.postHref.replace(/\/?\{id\}.*/, '') || '/';
  }

  get session() {
    return sessionOf({ token: this.token, baseUrl: this.baseUrl });
  }

  /** @param {Map<PropertyKey, unknown>} changed */
  willUpdate(changed) {
    if (changed.has('token') && this.token) this.session.use(this.token);
  }

  connectedCallback() {
    super.connectedCallback();
    // A framework may set the properties just after it has added the element.
    queueMicrotask(() => this.isConnected && this.begin());
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    for (const leave of this.leave.splice(0)) leave();
  }

  /** Starts to listen and to read. */
  begin() {
    this.on('accounts', () => this.requestUpdate());
    this.on('ended', () => {
      this.requestUpdate();
      this.emit('social-session-ended');
    });
    this.on('resumed', () => this.requestUpdate());
    this.on('post', (event) => this.took(/** @type {CustomEvent} */ (event).detail));
    if (!this.session.accounts) this.session.loadAccounts();
  }

  /** A post changed by an action here or in another element. @param {any} _post */
  took(_post) {}

  /** @param {string} type @param {(event: Event) => void} listener */
  on(type, listener) {
    const { session } = this;
    session.addEventListener(type, listener);
    this.leave.push(() => session.removeEventListener(type, listener));
  }

  /** @param {() => Promise<number>} read */
  watch(read) {
    const watch = this.session.watch(read);
    this.leave.push(() => watch.stop());
    return watch;
  }

  /** @param {string} type @param {unknown} [detail] */
  emit(type, detail) {
    return this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true, cancelable: true }));
  }

  /** @param {string} id */
  hrefOf(id) {
    return this.postHref.replace('{id}', encodeURIComponent(id));
  }

  /** Shows a notice. Good news leaves after a while, unless it offers something to press. @param {string} text @param {string} [kind] @param {unknown} [more] */
  tell(text, kind = 'info', more) {
    clearTimeout(this.newsTimer);
    this.news = text ? { text, kind, more } : null;
    if (text && kind === 'good' && (!more || more === nothing)) this.newsTimer = window.setTimeout(() => this.tell(''), GOOD_NEWS_MS);
    this.requestUpdate();
    if (text) this.updateComplete.then(() => this.renderRoot.querySelector('.notice[part]')?.scrollIntoView({ block: 'nearest' }));
  }

  /** @param {unknown} error */
  tellError(error) {
    this.tell(sentence(error), 'bad');
  }

  /** Asks before something ends. @param {string} title @param {string} text @param {string} yes @returns {Promise<boolean>} */
  ask(title, text, yes) {
    return new Promise((answer) => {
      this.question = { title, text, yes, answer };
      this.requestUpdate();
      this.updateComplete.then(() => {
        const dialog = /** @type {HTMLDialogElement} */ (this.renderRoot.querySelector('#question'));
        dialog.returnValue = 'no';
        dialog.showModal();
      });
    });
  }

  /** The notice, and the question if there is one. */
  aside() {
    const { news, question } = this;
    return html`
      <div role="status">${news ? html`<div class="notice ${news.kind}" part="notice"><p>${news.text} ${news.more ?? nothing}</p>
        <button type="button" class="link" @click=${() => this.tell('')}>Dismiss</button></div>` : nothing}</div>
      ${question ? html`<dialog id="question" aria-labelledby="question-title" aria-describedby="question-text" @close=${this.#answered}>
        <form method="dialog" class="stack">
          <h2 id="question-title">${question.title}</h2>
          <p id="question-text">${question.text}</p>
          <div class="row end"><button value="no" autofocus>Go back</button><button value="yes" class="danger">${question.yes}</button></div>
        </form></dialog>` : nothing}`;
  }

  /** @param {Event} event */
  #answered({ target }) {
    const { question } = this;
    this.question = null;
    this.requestUpdate();
    question?.answer(/** @type {HTMLDialogElement} */ (target).returnValue === 'yes');
  }

  /** What stands instead of the content while nothing can be read. */
  ended() {
    return this.session.ended ? html`<div class="card" part="card"><p class="error" role="alert">Your session has ended. Sign in again.
      <button type="button" class="link" @click=${() => this.session.resume()}>Try again</button></p></div>` : null;
  }
}
