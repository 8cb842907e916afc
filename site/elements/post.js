// @ts-check
// <social-post>: one post, a result for each account, what happened, and what can be done.

import { css, html, nothing, repeat } from '../vendor/lit.js';
import { ApiError, uploadProgress } from '../vendor/social-publisher.js';
import { labelOf, ordered } from '../platforms/index.js';
import { formOf } from './draft.js';
import { SocialElement } from './element.js';
import { bytes, handleOf, localInput, nameOf, sentence, webUrl, when, withOffset, zone } from './format.js';
import { avatar } from './marks.js';
import { IDLE_MS, pauseOf } from './session.js';
import { Settings, isAboutSettings } from './settings.js';
import { styles } from './styles.js';
import { timeline } from './timeline.js';
import { holdOf, isAboutVideo, isScheduled, outcomeOf, postWord, resultWord } from './words.js';

/** @typedef {import('./session.js').Post} Post */

/** @type {Record<string, string>} */
const FIELDS = { videoUrl: 'Video URL', caption: 'Caption', title: 'Title (YouTube, Facebook)', publishAt: 'Date and time' };
const ALL = Object.keys(FIELDS);

/** The fields that can be changed now. If the post is published on another account, only the video's URL can. @param {any} post */
export function editable(post) {
  const waits = (/** @type {any} */ { state, step }) => ['queued', 'held', 'cancelled'].includes(state) && !step;
  if (post.state !== 'cancelled' && post.results.every(waits)) return Date.parse(post.publishAt) > Date.now() ? ALL : [];
  if (post.state === 'failed' || post.state === 'expired') return ALL.filter((name) => name !== 'publishAt');
  return post.state === 'partial' && post.results.some((/** @type {any} */ { state }) => state === 'failed' || state === 'expired') ? ['videoUrl'] : [];
}

/** What stands in an input for this field. @param {any} post @param {string} field */
const valueOf = (post, field) => (field === 'publishAt' ? localInput(new Date(post.publishAt)) : post[field] ?? '');

/** The HTML that shows a published video on another page. @param {any} result */
function embedOf({ platform, platformPostId: id, platformUrl }) {
  const url = webUrl(platformUrl);
  if (!url) return '';
  const frames = {
    youtube: id && `https://www.youtube.com/embed/${encodeURIComponent(id)}`,
    tiktok: id && `https://www.tiktok.com/embed/v2/${encodeURIComponent(id)}`,
    instagram: `${url.replace(/[?#].*$/, '').replace(/\/?$/, '/')}embed`,
    facebook: `https://www.facebook.com/plugins/video.php?href=${encodeURIComponent(url)}`,
  };
  const src = /** @type {Record<string, string>} */ (frames)[platform];
  return src ? `<iframe src="${src}" width="325" height="578" allowfullscreen></iframe>` : '';
}

export class SocialPost extends SocialElement {
  static properties = { ...SocialElement.properties, postId: { attribute: 'post-id' } };
  static styles = [styles, css`
    .page { display: grid; gap: 1rem; align-items: start; }
    .about { display: grid; grid-template-columns: 6rem minmax(0, 1fr); gap: 1rem; }
    .about video { width: 100%; aspect-ratio: 9 / 16; border-radius: 8px; object-fit: cover; background: var(--idle-tint); }
    .results > li { display: flex; gap: 0.75rem; padding-block: 0.875rem; }
    .results > li + li { border-top: 1px solid var(--line); }
    .results > li:first-child { padding-top: 0; }
    .results > li:last-child { padding-bottom: 0; }
    .results > li > .stack { flex: 1; }
    .timeline { display: grid; gap: 0.375rem; }
    .timeline li { display: grid; grid-template-columns: 6.5rem minmax(0, 1fr); gap: 0.75rem; }
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
    @container (min-width: 54rem) { .page { grid-template-columns: minmax(0, 6fr) minmax(0, 5fr); } }
    .frame { container-type: inline-size; }
  `];

  constructor() {
    super();
    this.postId = '';
    /** @type {any} */
    this.post = null;
    /** @type {any[] | null} */
    this.attempts = null;
    this.print = '';
    /** @type {unknown} */
    this.trouble = null;
    this.busy = false;
    /** @type {{base: any, values: Record<string, string>, theirs: any, retry: boolean, error: string, field: string, settings: Settings} | null} */
    this.edit = null;
    this.said = '';
  }

  begin() {
    super.begin();
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
    return pauseOf(this.post);
  }

  /** @param {any} post */
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
    const { post } = this;
    const many = post.results.filter((/** @type {any} */ { cancellable }) => cancellable).length;
    const sure = await this.ask('Cancel this post?', many < post.results.length
      ? `It is cancelled on ${many} of ${post.results.length} accounts. The others continue.`
      : 'It will not be published. This can’t be undone, but you can duplicate the post.', 'Cancel the post');
    if (sure) await this.#act((api) => api.cancelPost(post.id), 'The post is cancelled.');
  }

  /** @param {any} result @param {'published' | 'notPublished'} outcome */
  async #resolve(result, outcome) {
    const { post } = this;
    const again = outcome === 'notPublished';
    const label = labelOf(result.platform);
    if (again && !(await this.ask('Post it again?', `If the video is already on the ${label} profile, it will be there twice. Look at the profile first.`, 'Post it again'))) return;
    await this.#act(async (api) => {
      const resolved = await api.resolveResult(post.id, { resultId: result.id, outcome });
      return again ? api.retryPost(post.id) : resolved;
    }, again ? 'We’ll post it again.' : '');
  }

  /** @param {any} result */
  async #reconnect(result) {
    const label = labelOf(result.platform);
    this.tell('');
    try {
      const options = { accountId: result.accountId, returnTo: this.accountsHref };
      const outcome = await this.session.call((api) => api.connect(result.platform, options));
      if (outcome.reason === 'popup_blocked') {
        const go = () => this.session.call((api) => api.connectByRedirect(result.platform, options)).catch((error) => this.tellError(error));
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

  /** @param {boolean} [retry] whether saving also starts it again @param {string} [focus] @param {any} [refused] the result whose settings are to change */
  async #edit(retry = false, focus, refused) {
    const fields = editable(this.post);
    this.tell('');
    this.edit = { base: this.post, values: Object.fromEntries(fields.map((field) => [field, valueOf(this.post, field)])), theirs: null, retry, error: '', field: '', settings: new Settings(() => this.session, () => this.requestUpdate()) };
    if (refused) this.edit.settings.open(refused.accountId);
    this.requestUpdate();
    await this.updateComplete;
    /** @type {HTMLElement | null} */ (this.renderRoot.querySelector(`#edit-${focus ?? fields[0]}`))?.focus();
  }

  async #closeEdit() {
    this.edit = null;
    this.requestUpdate();
    await this.updateComplete;
    /** @type {HTMLElement | null} */ (this.renderRoot.querySelector('#actions button'))?.focus();
  }

  /** @param {Event} event */
  async #save(event) {
    event.preventDefault();
    const { edit, post } = this;
    if (!edit || this.busy) return;
    edit.error = '';
    const base = edit.theirs ?? edit.base;
    /** @type {any} */
    const changes = { version: base.version };
    for (const [field, value] of Object.entries(edit.values)) {
      if (value === valueOf(base, field)) continue;
      changes[field] = field === 'publishAt' ? withOffset(new Date(value)) : field === 'videoUrl' ? value.trim() : value;
    }
    if (changes.videoUrl !== undefined && !webUrl(changes.videoUrl)) {
      this.#editError('Enter the video’s web address, starting with https://.', 'videoUrl');
      return;
    }
    if (edit.settings.isOpen(post)) {
      this.#editError('Choose what is missing in the settings.', '');
      return;
    }
    const results = edit.settings.read(post);
    if (results.length) changes.results = results;
    this.busy = true;
    this.requestUpdate();
    try {
      await this.session.change(async (api) => {
        const saved = Object.keys(changes).length > 1 ? await api.editPost(post.id, changes) : base;
        return edit.retry ? api.retryPost(post.id) : saved;
      });
      this.busy = false;
      this.tell(edit.retry ? 'Saved. We’re trying again.' : 'Saved.', 'good');
      this.#closeEdit();
    } catch (error) {
      this.busy = false;
      if (error instanceof ApiError && error.post) this.#meet(error.post);
      else this.#editError(sentence(error), error instanceof ApiError ? error.field ?? '' : '');
    }
  }

  /** @param {string} text @param {string} field */
  async #editError(text, field) {
    if (!this.edit) return;
    this.edit.error = text;
    this.edit.field = field;
    this.requestUpdate();
    await this.updateComplete;
    /** @type {HTMLElement | null} */ (this.renderRoot.querySelector(`#edit-${field}`))?.focus();
  }

  /** Another change came first: what was typed stays, and what is saved now stands beside it. @param {Post} theirs */
  #meet(theirs) {
    if (this.edit) this.edit.theirs = theirs;
    this.took(theirs);
  }

  render() {
    if (this.session.ended) return this.ended();
    const { post, trouble } = this;
    if (!post) {
      if (trouble instanceof ApiError && trouble.status === 404) return html`<p role="alert">There is no such post, or it belongs to someone else.</p>`;
      return html`<p class=${trouble ? 'error' : 'hint'} role="status">${trouble ? sentence(trouble) : 'Loading the post…'}</p>`;
    }
    const accountOf = (/** @type {any} */ { accountId }) => this.session.account(accountId);
    return html`<div class="frame"><div class="stack">
      ${trouble ? html`<p class="hint" role="status">This may be out of date. We’re trying to reach the server.</p>` : nothing}
      ${this.aside()}<p class="said" role="status">${this.said}</p>
      <div class="page">
        <div class="stack">${this.#about()}${this.edit ? this.#editor() : nothing}
          <section class="card stack" part="card" aria-label="Accounts"><ul class="results">${repeat(ordered(post.results), (/** @type {any} */ { id }) => id, (/** @type {any} */ result) => this.#result(result))}</ul></section></div>
        <section class="card stack" part="card" aria-label="What happened"><h2>What happened</h2>${timeline(post, this.attempts, accountOf)}</section>
      </div></div></div>`;
  }

  #about() {
    const { post } = this;
    const [word, tone] = postWord(post);
    const waits = post.results.every((/** @type {any} */ { state }) => ['queued', 'cancelled'].includes(state)) && post.state === 'scheduled';
    const now = () => this.#act((api) => api.editPost(post.id, { version: post.version, publishAt: new Date().toISOString() }), 'We’re publishing it now.');
    const duplicate = () => {
      const values = formOf(post);
      if (!this.emit('social-duplicate', values)) return;
      sessionStorage.setItem('social-draft-page', JSON.stringify(values));
      location.assign(this.composeHref);
    };
    const failed = post.results.some((/** @type {any} */ { state }) => state === 'failed' || state === 'expired');
    return html`<section class="card stack" part="card" aria-label="Post"><div class="about">
      ${webUrl(post.videoUrl) ? html`<video src=${post.videoUrl} controls playsinline preload="metadata" aria-label="The video"></video>` : nothing}
      <div class="stack">
        <p class="row"><span class="badge ${tone}" part="badge">${word}</span> <span class="hint">${isScheduled(post) ? `Scheduled for ${when(post.publishAt)}` : `Sent ${when(post.createdAt)}`}</span></p>
        <p class="pre">${post.caption || post.title || html`<span class="hint">No caption</span>`}</p>
        ${post.caption && post.title ? html`<p class="hint">Title: ${post.title}</p>` : nothing}
      </div></div>
      <div class="row" id="actions">
        ${waits && Date.parse(post.publishAt) > Date.now() ? html`<button type="button" part="button" @click=${now}>Publish now</button>` : nothing}
        ${!this.edit && editable(post).length && !failed ? html`<button type="button" part="button" @click=${() => this.#edit()}>Edit</button>` : nothing}
        <button type="button" part="button" @click=${duplicate}>Duplicate</button>
        ${post.results.some((/** @type {any} */ { cancellable }) => cancellable) ? html`<button type="button" part="button" @click=${this.#cancel}>Cancel post</button>` : nothing}
      </div></section>`;
  }

  #editor() {
    const edit = /** @type {NonNullable<SocialPost['edit']>} */ (this.edit);
    const { theirs } = edit;
    const input = (/** @type {string} */ field) => {
      const set = (/** @type {any} */ event) => {
        edit.values[field] = event.target.value;
        this.requestUpdate();
      };
      const value = edit.values[field];
      const wrong = edit.error && edit.field === field;
      const common = { id: `edit-${field}` };
      return html`<div class="field"><label for=${common.id}>${FIELDS[field]}</label>
        ${field === 'caption' ? html`<textarea id=${common.id} rows="4" .value=${value} @input=${set}></textarea>`
          : html`<input id=${common.id} type=${field === 'publishAt' ? 'datetime-local' : field === 'videoUrl' ? 'url' : 'text'} autocomplete="off" .value=${value}
              aria-invalid=${wrong ? 'true' : nothing} aria-describedby=${wrong ? 'edit-error' : nothing} @input=${set}>`}
        ${field === 'publishAt' ? html`<p class="hint">${when(new Date(value))}. Your time zone: ${zone()}.</p>` : nothing}
        ${theirs && valueOf(theirs, field) !== value ? html`<div class="theirs"><p class="hint">Saved meanwhile:</p><p class="pre">${field === 'publishAt' ? when(theirs.publishAt) : valueOf(theirs, field) || 'nothing'}</p>
          <button type="button" class="link" @click=${() => { edit.values[field] = valueOf(theirs, field); this.requestUpdate(); }}>Use this</button></div>` : nothing}</div>`;
    };
    return html`<section class="card" part="card" aria-label="Edit"><form class="stack" novalidate @submit=${this.#save}>
      <h2>${edit.retry ? 'Edit and try again' : 'Edit'}</h2>
      ${theirs ? html`<p class="notice warn" role="alert">This post was changed in another window. Your text is still here. Save it over the other change, or use what was saved.</p>` : nothing}
      ${Object.keys(edit.values).map(input)}
      ${edit.settings.template(this.post)}
      ${edit.error ? html`<p class="error" id="edit-error" role="alert">${edit.error}</p>` : nothing}
      <div class="row"><button class="primary" part="button primary" aria-disabled=${this.busy ? 'true' : 'false'}>${edit.retry ? 'Save and retry' : theirs ? 'Save mine' : 'Save'}</button>
        <button type="button" part="button" @click=${this.#closeEdit}>Discard</button></div></form></section>`;
  }

  /** @param {any} result */
  #result(result) {
    const { post } = this;
    const account = /** @type {any} */ (this.session.account(result.accountId));
    const label = labelOf(result.platform);
    const [word, tone] = resultWord(result, post);
    const sending = result.state === 'publishing' && result.bytesTotal > 0;
    const profile = webUrl(account?.accountMetadata?.profileUrl);
    const embed = result.state === 'published' ? embedOf(result) : '';
    // A held result that cannot be cancelled may have been published.
    const doubt = result.state === 'inDoubt' || (result.state === 'held' && result.heldReason === 'needsReconnect' && !result.cancellable);
    const failed = result.state === 'failed' || result.state === 'expired';
    return html`<li>${avatar(account, result.platform)}<div class="stack close">
      <p class="row"><strong>${account ? nameOf(account) : `${label} account`}</strong><span class="hint">${label} ${handleOf(account)}</span><span class="badge ${tone}" part="badge">${word}</span></p>
      ${sending ? html`<progress max="1" .value=${uploadProgress(result) ?? 0} aria-label="Upload for ${nameOf(account)}"></progress><p class="hint">${bytes(result.bytesSent ?? 0)} of ${bytes(result.bytesTotal)} sent</p>` : nothing}
      ${word === 'Waiting for its turn' ? html`<p class="hint">${label} takes one post of an account at a time. This one starts ${when(result.dueAt)}.</p>` : nothing}
      ${result.state === 'processing' ? html`<p class="hint">${label} is processing the video. This may take a few minutes.</p>` : nothing}
      ${result.state === 'deliveredToInbox' ? html`<p class="hint">Open the inbox of the ${label} app to finish and post it.</p>` : nothing}
      ${result.state === 'held' ? html`<p>${holdOf(result, label)}</p>` : nothing}
      ${result.caption ? html`<p class="hint pre">Caption here: ${result.caption}</p>` : nothing}
      ${failed && result.error ? html`<p class="error">${result.error.message}</p>` : nothing}
      ${doubt ? html`<p>${result.state === 'inDoubt' ? `We couldn’t confirm this post. Is the video on the ${label} profile?`
          : `${label} already has the whole video and may have published it. If you don’t want to reconnect, check the profile. Is the video there?`}
          ${profile ? html`<a href=${profile} target="_blank" rel="noopener noreferrer">Open the profile</a>` : nothing}</p>
        <div class="row"><button type="button" part="button" @click=${() => this.#resolve(result, 'published')}>Yes, it’s there</button>
          <button type="button" part="button" @click=${() => this.#resolve(result, 'notPublished')}>No, post it again</button></div>` : nothing}
      ${result.state === 'held' && result.heldReason === 'needsReconnect' ? html`<div class="row"><button type="button" class="primary" part="button primary" @click=${() => this.#reconnect(result)}>Reconnect</button></div>` : nothing}
      ${failed ? this.#remedy(result) : nothing}
      ${result.state === 'published' ? html`<p class="row hint">${webUrl(result.platformUrl) ? html`<a href=${result.platformUrl} target="_blank" rel="noopener noreferrer">Open on ${label}</a>`
        : 'The link appears when the platform names it.'}${result.publishedAt ? html`<span>${when(result.publishedAt)}</span>` : nothing}</p>` : nothing}
      ${embed ? html`<details><summary class="hint">Embed</summary><div class="stack close"><pre class="mono">${embed}</pre>
        <p><button type="button" class="link" @click=${() => navigator.clipboard?.writeText(embed).then(() => this.tell('Copied.', 'good'), () => {})}>Copy</button></p></div></details>` : nothing}
    </div></li>`;
  }

  /** The button that can help comes first. @param {any} result */
  #remedy(result) {
    const { post } = this;
    if (this.edit) return nothing;
    const fields = editable(post);
    const retry = (/** @type {string} */ kind) => html`<button type="button" class=${kind} part="button" @click=${() => this.#act((api) => api.retryPost(post.id), 'We’re trying again.')}>${result.state === 'expired' ? 'Publish it now' : 'Retry'}</button>`;
    if (result.state === 'failed' && isAboutVideo(result.error?.code)) {
      return html`<div class="row">${fields.includes('videoUrl') ? html`<button type="button" class="primary" part="button primary" @click=${() => this.#edit(true, 'videoUrl')}>Replace the video</button>` : nothing}${retry('')}</div>`;
    }
    const settings = result.state === 'failed' && isAboutSettings(result.error?.code);
    const edit = () => this.#edit(true, fields.includes('caption') ? 'caption' : undefined, settings ? result : undefined);
    return html`<div class="row">${retry('primary')}${fields.length ? html`<button type="button" part="button" @click=${edit}>Edit and retry</button>` : nothing}</div>`;
  }
}

customElements.define('social-post', SocialPost);
