// @ts-check
// <social-posts>: the list of posts, newest first, with filters.

import { css, html, nothing, repeat } from '../vendor/lit.js';
import { labelOf, ordered } from '../platforms/index.js';
import { SocialElement } from './element.js';
import { handleOf, nameOf, sentence, webUrl } from './format.js';
import { avatar } from './marks.js';
import { IDLE_MS, pauseOf } from './session.js';
import { styles } from './styles.js';
import { resultWord, timing, wordOf } from './words.js';

/** @typedef {import('./session.js').Result} Result */
/** @typedef {import('./session.js').Post} Post */

const PAGE = 20;
/** @type {[value: string, text: string, states: string[]][]} */
const STATES = [
  ['', 'All states', []], ['scheduled', 'Scheduled', ['scheduled']], ['publishing', 'In progress', ['publishing']],
  ['needsAttention', 'Needs you', ['needsAttention']], ['failed', 'Failed', ['failed', 'partial', 'expired']],
  ['published', 'Published', ['published', 'partial']], ['cancelled', 'Cancelled', ['cancelled']],
];

export class SocialPosts extends SocialElement {
  static styles = [styles, css`
    .filters { display: grid; gap: 0.5rem 0.75rem; grid-template-columns: minmax(0, 2fr) minmax(0, 1fr) minmax(0, 1fr); }
    @media (max-width: 44rem) { .filters { grid-template-columns: 1fr 1fr; } .filters > :first-child { grid-column: 1 / -1; } }
    .posts { display: grid; gap: 0.75rem; }
    .head { display: flex; flex-wrap: wrap; gap: 0.25rem 0.75rem; justify-content: space-between; align-items: flex-start; }
    .title { flex: 1 1 12rem; min-width: 0; color: inherit; font-weight: 600; text-decoration: none; display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; overflow: hidden; white-space: pre-line; overflow-wrap: anywhere; }
    .title:hover { text-decoration: underline; }
    .results { display: flex; flex-wrap: wrap; gap: 0.5rem 1.25rem; margin-top: 0.625rem; }
    .results li { display: flex; gap: 0.5rem; align-items: center; min-width: 0; }
    .post > .hint { margin-top: 0.125rem; }
    .post > .error { margin-top: 0.5rem; }
  `];

  constructor() {
    super();
    /** @type {Post[] | null} */
    this.posts = null;
    /** @type {string | null} */
    this.next = null;
    this.pages = 1;
    /** @type {unknown} */
    this.trouble = null;
    this.filter = { state: '', account: '', text: '' };
    this.searchTimer = 0;
    this.said = '';
  }

  begin() {
    super.begin();
    this.reading = this.watch(() => this.#read());
  }

  /** @param {Post} post */
  took(post) {
    if (!this.posts) return;
    const known = this.posts.some(({ id }) => id === post.id);
    this.#show(known ? this.posts.map((each) => (each.id === post.id ? post : each)) : [post, ...this.posts]);
  }

  get #filtered() {
    const { state, account, text } = this.filter;
    return Boolean(state || account || text);
  }

  /** Whether a post that changed here still belongs in the list. @param {Post} post */
  #fits(post) {
    const { state, account, text } = this.filter;
    const states = STATES.find(([value]) => value === state)?.[2] ?? [];
    const words = text.trim().toLowerCase();
    return (!states.length || states.includes(post.state))
      && (!account || post.results.some(({ accountId }) => accountId === account))
      && (!words || `${post.caption ?? ''}\n${post.title ?? ''}\n${post.externalId ?? ''}`.toLowerCase().includes(words));
  }

  async #read() {
    const { filter, pages } = this;
    const states = STATES.find(([value]) => value === filter.state)?.[2] ?? [];
    const query = {
      ...(states.length && { state: states.join(',') }),
      ...(filter.account && { accountId: filter.account }),
      ...(filter.text.trim() && { text: filter.text.trim() }),
    };
    try {
      const { posts, next } = await this.session.posts(query, pages * PAGE);
      // A later filter has its own request.
      if (filter !== this.filter) return 0;
      this.next = next;
      this.trouble = null;
      this.#show(posts);
      return Math.min(IDLE_MS, ...posts.map(pauseOf));
    } catch (error) {
      this.trouble = error;
      this.requestUpdate();
      return IDLE_MS / 4;
    }
  }

  /** @param {Post[]} posts */
  #show(posts) {
    const before = new Map((this.posts ?? []).flatMap((post) => post.results.map((result) => [result.id, result.state])));
    for (const post of posts) {
      for (const result of post.results) {
        const old = before.get(result.id);
        if (old && old !== result.state) this.said = `${nameOf(this.session.account(result.accountId))}: ${resultWord(result, post)[0]}`;
        if (old && old !== result.state && result.heldReason === 'needsReconnect') this.session.loadAccounts();
      }
    }
    this.posts = posts;
    this.requestUpdate();
  }

  /** @param {object} changes */
  #look(changes) {
    this.filter = { ...this.filter, ...changes };
    this.pages = 1;
    clearTimeout(this.searchTimer);
    this.searchTimer = window.setTimeout(() => this.reading?.run(), 250);
    this.requestUpdate();
  }

  render() {
    if (this.session.ended) return this.ended();
    const { posts, filter } = this;
    const shown = posts?.filter((post) => this.#fits(post));
    const accounts = this.session.accounts ?? [];
    return html`<div class="stack">
      ${posts && !posts.length && !this.#filtered ? nothing : html`<div class="filters" role="search" aria-label="Filter posts">
        <input type="search" aria-label="Search captions" placeholder="Search captions" .value=${filter.text} @input=${(/** @type {any} */ event) => this.#look({ text: event.target.value })}>
        <select aria-label="State" @change=${(/** @type {any} */ event) => this.#look({ state: event.target.value })}>
          ${STATES.map(([value, text]) => html`<option value=${value} .selected=${filter.state === value}>${text}</option>`)}</select>
        <select aria-label="Account" @change=${(/** @type {any} */ event) => this.#look({ account: event.target.value })}>
          <option value="">All accounts</option>
          ${accounts.map((account) => html`<option value=${account.id} .selected=${filter.account === account.id}>${nameOf(account)} · ${labelOf(account.platform)}</option>`)}</select>
      </div>`}
      ${this.trouble ? html`<p class="error" role="status">${posts ? 'This list may be out of date.' : ''} ${sentence(this.trouble)}</p>` : nothing}
      ${this.aside()}
      <p class="said" role="status">${this.said}</p>
      ${!shown ? (this.trouble ? nothing : html`<p class="hint">Loading posts…</p>`)
        : shown.length ? html`<ol class="posts">${repeat(shown, ({ id }) => id, (post) => this.#post(post))}</ol>`
        : this.#filtered ? html`<p>No post fits. <button type="button" class="link" @click=${() => this.#look({ state: '', account: '', text: '' })}>Show all posts</button></p>`
        : html`<div class="card stack" part="card"><p>No posts yet. Your posts and what becomes of them appear here.</p><p><a class="button primary" href=${this.composeHref}>Write your first post</a></p></div>`}
      ${this.next ? html`<div><button type="button" @click=${() => { this.pages += 1; this.reading?.run(); }}>Show older posts</button></div>` : nothing}
    </div>`;
  }

  /** @param {Post} post */
  #post(post) {
    const [word, tone] = wordOf(post);
    const failed = post.results.find(({ state, error }) => state === 'failed' && error);
    const one = post.results.length === 1;
    const words = new Set(post.results.map((result) => resultWord(result, post)[0]));
    return html`<li class="card post" part="card">
      <div class="head"><a class="title" href=${this.hrefOf(post.id)}>${post.caption || post.title || 'No caption'}</a>
        <span class="badge ${tone}" part="badge">${word}</span></div>
      <p class="hint">${timing(post)}</p>
      <ul class="results">${ordered(post.results).map((/** @type {Result} */ result) => {
        const account = this.session.account(result.accountId);
        const [state, color] = resultWord(result, post);
        return html`<li>${avatar(account, result.platform, 'small')}<span><span class="said">${labelOf(result.platform)}</span> ${nameOf(account)}
          ${one ? html`<span class="hint">${labelOf(result.platform)} ${handleOf(account)}</span>` : words.size > 1 ? html`<span class="badge ${color}">${state}</span>` : nothing}
          ${webUrl(result.platformUrl) ? html`<a href=${/** @type {string} */ (result.platformUrl)} target="_blank" rel="noopener noreferrer">Open<span class="said"> on ${labelOf(result.platform)}</span></a>` : nothing}</span></li>`;
      })}</ul>${failed ? html`<p class="error">${failed.error?.message}</p>` : nothing}</li>`;
  }
}

customElements.define('social-posts', SocialPosts);
