// @ts-check
// <social-post>: one post, a result for each account, what happened, and what can be done.

import { css, html, nothing, repeat } from '../vendor/lit.js';
import { ApiError, landing } from '../vendor/social-publisher.js';
import { labelOf, ordered, platformOf } from '../platforms/index.js';
import { formOf } from './draft.js';
import { Edit, editable } from './edit.js';
import { SocialElement } from './element.js';
import { nameOf, sentence, webUrl } from './format.js';
import { resultRow } from './result.js';
import { IDLE_MS, pauseOf } from './session.js';
import { styles } from './styles.js';
import { timeline } from './timeline.js';
import { outcomeOf, resultWord, timing, wordOf } from './words.js';

/** @typedef {import('./session.js').Post} Post */
/** @typedef {import('./session.js').Result} Result */

// Read once: a second post that this page shows has nothing to do with it.
let landed = landing();

export class SocialPost extends SocialElement {
  static properties = { ...SocialElement.properties, postId: { attribute: 'post-id' } };
  static styles = [styles, css`
    .page { display: grid; gap: 1rem; align-items: start; }
    .about { display: grid; grid-template-columns: 7rem minmax(0, 1fr); gap: 1rem; }
    .screen { display: grid; place-items: center; aspect-ratio: 9 / 16; border-radius: 8px; overflow: hidden; background: var(--idle-tint); text-align: center; }
    .screen video { width: 100%; height: 100%; object-fit: cover; }
    .screen .hint { padding: 0.5rem; }
    .results > li { display: flex; gap: 0.75rem; padding-block: 0.875rem; }
    .results > li + li { border-top: 1px solid var(--line); }
    .results > li:first-child { padding-top: 0; }
    .results > li:last-child { padding-bottom: 0; }
    .results > li > .stack { flex: 1; }
    .timeline { display: grid; gap: 0.375rem; }
    .timeline li { display: grid; grid-template-columns: 5rem minmax(0, 1fr); gap: 0.75rem; }
    .timeline .day { display: block; font-weight: 600; font-size: 0.875rem; }
    .timeline .warn > span { color: var(--warn); }
    .timeline .good > span { color: var(--good); font-weight: 600; }
    .table { overflow-x: auto; margin-block: 0.5rem; border: 1px solid var(--line); border-radius: 8px; }
    table { width: 100%; border-collapse: collapse; font-size: 0.8125rem; white-space: nowrap; font-variant-numeric: tabular-nums; }
    th, td { padding: 0.375rem 0.75rem; border-bottom: 1px solid var(--line); text-align: left; }
    th { color: var(--soft); }
    .settings { display: grid; gap: 1rem; padding: 0.875rem; border: 1px solid var(--line); border-radius: 8px; background: var(--page); }
    .nested { padding-left: 1.75rem; }
    .theirs { padding: 0.625rem 0.75rem; border-radius: 8px; background: var(--warn-tint); }
    pre { margin: 0; padding: 0.625rem; border-radius: 8px; background: var(--idle-tint); white-space: pre-wrap; }
    @container (min-width: 54rem) { .about { grid-template-columns: 9rem minmax(0, 1fr); } .page { grid-template-columns: minmax(0, 6fr) minmax(0, 5fr); } }
    .frame { container-type: inline-size; }
  `];

  constructor() {
    super();
    this.postId = '';
    /** @type {Post | null} */
    this.post = null;
    /** @type {import('./result.js').Attempts | null} */
    this.attempts = null;
    this.print = '';
    /** @type {unknown} */
    this.trouble = null;
    this.busy = false;
    // The video's URL that the browser could not play.
    this.unplayable = '';
    /** @type {Edit | null} */
    this.edit = null;
    this.said = '';
  }

  /** The post on the screen: buttons are there only with it. */
  get #shown() {
    return /** @type {Post} */ (this.post);
  }

  begin() {
    super.begin();
    if (landed) {
      const { text, kind } = outcomeOf(landed, labelOf(landed.platform));
      landed = null;
      this.tell(text, kind);
    }
    this.reading = this.watch(() => this.#read());
  }

  /** @param {Map<PropertyKey, unknown>} changed */
  willUpdate(changed) {
    super.willUpdate(changed);
    if (changed.has('postId') && changed.get('postId')) {
      this.post = null;
      this.attempts = null;
      this.edit = null;
      this.print = '';
      this.reading?.run();
    }
  }

  async #read() {
    const id = this.postId;
    try {
      const post = await this.session.call((api) => api.getPost(id));
      if (id !== this.postId) return 0;
      this.trouble = null;
      this.took(post);
    } catch (error) {
      this.trouble = error;
      this.requestUpdate();
      return error instanceof ApiError && error.status === 404 ? IDLE_MS : IDLE_MS / 4;
    }
    return pauseOf(this.#shown);
  }

  /** @param {Post} post */
  took(post) {
    if (post.id !== this.postId) return;
    for (const result of post.results) {
      const old = this.post?.results.find((/** @type {any} */ { id }) => id === result.id);
      if (old && old.state !== result.state) {
        this.said = `${nameOf(this.session.account(result.accountId))}: ${resultWord(result, post)[0]}`;
        if (result.heldReason === 'needsReconnect') this.session.loadAccounts();
      }
    }
    this.post = post;
    const print = JSON.stringify(post);
    if (print !== this.print) {
      this.print = print;
      this.#readAttempts();
    }
    this.requestUpdate();
  }

  async #readAttempts() {
    const id = this.postId;
    try {
      const attempts = await this.session.call((api) => api.attempts(id));
      if (id === this.postId) this.attempts = attempts;
    } catch {
      // The timeline follows with the next change.
      this.print = '';
    }
    this.requestUpdate();
  }

  /** @param {(api: import('../vendor/social-publisher.js').SocialPublisher) => Promise<any>} call @param {string} [done] */
  async #act(call, done = '') {
    if (this.busy) return;
    this.busy = true;
    this.tell('');
    try {
      await this.session.change(call);
      if (done) this.tell(done, 'good');
    } catch (error) {
      this.tellError(error);
    }
    this.busy = false;
    this.requestUpdate();
  }

  async #cancel() {
    const post = this.#shown;
    const many = post.results.filter(({ cancellable }) => cancellable).length;
    const sure = await this.ask('Cancel this post?', many < post.results.length
      ? `It is cancelled on ${many} of ${post.results.length} accounts. The others continue.`
      : 'It will not be published. This can’t be undone, but you can duplicate the post.', 'Cancel the post');
    if (sure) await this.#act((api) => api.cancelPost(post.id), 'The post is cancelled.');
  }

  /** @param {Result} result @param {'published' | 'notPublished'} outcome */
  async #resolve(result, outcome) {
    const post = this.#shown;
    const again = outcome === 'notPublished';
    const label = labelOf(result.platform);
    if (again && !(await this.ask('Post it again?', `If the video is already on the ${label} profile, it will be there twice. Look at the profile first.`, 'Post it again'))) return;
    await this.#act(async (api) => {
      const resolved = await api.resolveResult(post.id, { resultId: result.id, outcome });
      return again ? api.retryPost(post.id) : resolved;
    }, again ? 'We’ll post it again.' : '');
  }

  /** @param {Result} result */
  async #reconnect(result) {
    const label = labelOf(result.platform);
    const platform = /** @type {import('../vendor/social-publisher.js').Platform} */ (result.platform);
    this.tell('');
    try {
      const options = { accountId: result.accountId, returnTo: this.accountsHref };
      const outcome = await this.session.call((api) => api.connect(platform, options));
      if (outcome.reason === 'popup_blocked') {
        const here = { ...options, returnTo: location.pathname };
        const go = () => this.session.call((api) => api.connectByRedirect(platform, here)).catch((error) => this.tellError(error));
        this.tell(`Your browser blocked the ${label} window.`, 'warn', html`<button type="button" class="link" @click=${go}>Continue on this page</button>`);
        return;
      }
      const { text, kind } = outcomeOf(outcome, label);
      this.tell(text, kind);
    } catch (error) {
      this.tellError(error);
    }
    this.session.loadAccounts();
    this.session.refresh();
  }

  /** @param {boolean} [retry] whether saving also starts it again @param {import('./edit.js').Field} [focus] @param {Result} [refused] the result whose settings are to change */
  async #edit(retry = false, focus, refused) {
    this.tell('');
    const edit = new Edit(this.#shown, () => this.session, () => this.requestUpdate(), retry);
    this.edit = edit;
    if (refused) edit.settings.open(refused.accountId);
    await this.#focus(`#edit-${focus ?? edit.fields[0]}`);
  }

  async #closeEdit() {
    this.edit = null;
    await this.#focus('#actions button');
  }

  /** @param {string} place */
  async #focus(place) {
    this.requestUpdate();
    await this.updateComplete;
    /** @type {HTMLElement | null} */ (this.renderRoot.querySelector(place))?.focus();
  }

  /** @param {Event} event */
  async #save(event) {
    event.preventDefault();
    const { edit } = this;
    if (!edit || this.busy) return;
    this.busy = true;
    this.requestUpdate();
    const over = await edit.save(this.#shown);
    this.busy = false;
    if (over) {
      this.tell(edit.retry ? 'Saved. We’re trying again.' : 'Saved.', 'good');
      this.#closeEdit();
    } else await this.#focus(`#edit-${edit.field}`);
  }

  render() {
    if (this.session.ended) return this.ended();
    const { post, trouble } = this;
    if (!post) {
      if (trouble instanceof ApiError && trouble.status === 404) return html`<p role="alert">There is no such post, or it belongs to someone else. <a href=${this.postsHref}>Look at your posts</a></p>`;
      return html`<p class=${trouble ? 'error' : 'hint'} role="status">${trouble ? sentence(trouble) : 'Loading the post…'}</p>`;
    }
    const accountOf = (/** @type {Result} */ { accountId }) => this.session.account(accountId);
    return html`<div class="frame"><div class="stack">
      ${trouble ? html`<p class="hint" role="status">This may be out of date. We’re trying to reach the server.</p>` : nothing}
      ${this.aside()}<p class="said" role="status">${this.said}</p>
      <div class="page">
        <div class="stack">${this.#about()}${this.edit?.template({ post, busy: this.busy, save: (event) => this.#save(event), close: () => this.#closeEdit() }) ?? nothing}
          <section class="card stack" part="card" aria-label="Accounts"><ul class="results">${repeat(ordered(post.results), (/** @type {any} */ { id }) => id, (/** @type {Result} */ result) => this.#result(result))}</ul></section></div>
        <section class="card stack" part="card" aria-label="What happened"><h2>What happened</h2>${timeline(post, this.attempts, accountOf)}</section>
      </div></div></div>`;
  }

  #about() {
    const post = this.#shown;
    const [word, tone] = wordOf(post);
    const waits = post.results.every(({ state }) => ['queued', 'cancelled'].includes(state)) && post.state === 'scheduled';
    const now = () => this.#act((api) => api.editPost(post.id, { version: post.version, publishAt: new Date().toISOString() }), 'We’re publishing it now.');
    const duplicate = () => {
      const values = formOf(post);
      if (!this.emit('social-duplicate', values)) return;
      sessionStorage.setItem('social-draft-page', JSON.stringify(values));
      location.assign(this.composeHref);
    };
    const unplayable = () => {
      this.unplayable = post.videoUrl;
      this.requestUpdate();
    };
    const failed = post.results.some(({ state }) => state === 'failed' || state === 'expired');
    return html`<section class="card stack" part="card" aria-label="Post"><div class="about">
      <div class="screen">${webUrl(post.videoUrl) && post.videoUrl !== this.unplayable
        ? html`<video src=${post.videoUrl} controls playsinline preload="metadata" aria-label="The video" @error=${unplayable}></video>`
        : html`<p class="hint">Your browser can’t play this video.</p>`}</div>
      <div class="stack">
        <p class="row"><span class="badge ${tone}" part="badge">${word}</span> <span class="hint">${timing(post)}</span></p>
        <p class="pre">${post.caption || post.title || html`<span class="hint">No caption</span>`}</p>
        ${post.caption && post.title ? html`<p class="hint">Title: ${post.title}</p>` : nothing}
      </div></div>
      <div class="row" id="actions">
        ${waits && Date.parse(post.publishAt) > Date.now() ? html`<button type="button" part="button" @click=${now}>Publish now</button>` : nothing}
        ${!this.edit && editable(post).length && !failed ? html`<button type="button" part="button" @click=${() => this.#edit()}>Edit</button>` : nothing}
        <button type="button" part="button" @click=${duplicate}>Duplicate</button>
        ${post.results.some(({ cancellable }) => cancellable) ? html`<button type="button" part="button" @click=${this.#cancel}>Cancel post</button>` : nothing}
      </div></section>`;
  }

  /** @param {Result} result */
  #result(result) {
    const post = this.#shown;
    return resultRow(result, {
      post,
      account: this.session.account(result.accountId),
      attempts: this.attempts,
      fields: editable(post),
      editing: Boolean(this.edit),
      edit: (field, refused) => this.#edit(true, field, refused),
      retry: () => this.#act((api) => api.retryPost(post.id), 'We’re trying again.'),
      reconnect: () => this.#reconnect(result),
      resolve: (_result, outcome) => this.#resolve(result, outcome),
      copy: (text) => navigator.clipboard?.writeText(text).then(() => this.tell('Copied.', 'good'), () => {}),
    });
  }
}

customElements.define('social-post', SocialPost);
