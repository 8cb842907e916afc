// @ts-check
// An edit of a post: what a person has typed, beside a change of someone else that was saved first.

import { html, nothing } from '../vendor/lit.js';
import { ApiError } from '../vendor/social-publisher.js';
import { PLATFORMS } from '../platforms/index.js';
import { localInput, sentence, webUrl, when, withOffset, zone } from './format.js';
import { Settings } from './settings.js';

/** @typedef {import('./session.js').Post} Post */
/** @typedef {import('./session.js').Result} Result */
/** @typedef {'videoUrl' | 'caption' | 'title' | 'publishAt'} Field */

/** @type {Record<Field, string>} */
const FIELDS = { videoUrl: 'Video URL', caption: 'Caption', title: `Title (${PLATFORMS.filter(({ titled }) => titled).map(({ label }) => label).join(', ')})`, publishAt: 'Date and time' };
// Platforms whose videos have a title.
const TITLED = ['youtube', 'facebook'];
const ALL = /** @type {Field[]} */ (Object.keys(FIELDS));

/** The fields that can be changed now. If the post is published on another account, only the video's URL can. @param {Post} post @returns {Field[]} */
export function editable(post) {
  const waits = (/** @type {Result} */ { state, step }) => ['queued', 'held', 'cancelled'].includes(state) && !step;
  if (post.state !== 'cancelled' && post.results.every(waits)) return Date.parse(post.publishAt) > Date.now() ? ALL : [];
  if (post.state === 'failed' || post.state === 'expired') return ALL.filter((name) => name !== 'publishAt');
  return post.state === 'partial' && post.results.some(({ state }) => state === 'failed' || state === 'expired') ? ['videoUrl'] : [];
}

/** What stands in an input for this field. @param {Post} post @param {Field} field */
const valueOf = (post, field) => (field === 'publishAt' ? localInput(new Date(post.publishAt)) : post[field] ?? '');

export class Edit {
  /**
   * @param {Post} post
   * @param {() => import('./session.js').Session} session
   * @param {() => void} changed
   * @param {boolean} retry whether saving also starts the post again
   */
  constructor(post, session, changed, retry) {
    this.session = session;
    this.changed = changed;
    this.retry = retry;
    this.base = post;
    const titled = post.results.some(({ platform }) => TITLED.includes(platform));
    this.fields = editable(post).filter((field) => field !== 'title' || titled);
    this.values = new Map(this.fields.map((field) => [field, valueOf(post, field)]));
    /** @type {Post | null} what someone else saved meanwhile */
    this.theirs = null;
    this.error = '';
    /** @type {string} the field of the error */
    this.field = '';
    this.settings = new Settings(session, changed);
  }

  /** @param {Field} field @param {string} value */
  #set(field, value) {
    this.values.set(field, value);
    this.changed();
  }

  /** @param {string} text @param {string} field */
  #fail(text, field) {
    this.error = text;
    this.field = field;
    this.changed();
    return false;
  }

  /** Saves the edit. Returns whether it is over. @param {Post} post @returns {Promise<boolean>} */
  async save(post) {
    this.error = '';
    const base = this.theirs ?? this.base;
    /** @type {import('../vendor/social-publisher.js').PostEdit} */
    const changes = { version: base.version };
    for (const [field, value] of this.values) {
      if (value === valueOf(base, field)) continue;
      changes[field] = field === 'publishAt' ? withOffset(new Date(value)) : field === 'videoUrl' ? value.trim() : value;
    }
    if (changes.videoUrl && !webUrl(changes.videoUrl)) return this.#fail('Enter the video’s web address, starting with https://.', 'videoUrl');
    if (changes.videoUrl === '') return this.#fail('Enter the video’s web address, starting with https://.', 'videoUrl');
    if (this.settings.isOpen(post)) return this.#fail('Choose what is missing in the settings.', '');
    const results = this.settings.read(post);
    if (results.length) changes.results = results;
    try {
      await this.session().change(async (api) => {
        const saved = Object.keys(changes).length > 1 ? await api.editPost(post.id, changes) : base;
        return this.retry ? api.retryPost(post.id) : saved;
      });
      return true;
    } catch (error) {
      if (!(error instanceof ApiError && error.post)) return this.#fail(sentence(error), error instanceof ApiError ? error.field ?? '' : '');
      // What was typed stays, and what is saved now stands beside it.
      this.theirs = error.post;
      this.session().take(error.post);
      return false;
    }
  }

  /** @param {{post: Post, busy: boolean, save: (event: Event) => void, close: () => void}} page */
  template({ post, busy, save, close }) {
    const { theirs, error, retry } = this;
    return html`<section class="card" part="card" aria-label="Edit"><form class="stack" novalidate @submit=${save}>
      <h2>${retry ? 'Edit and try again' : 'Edit'}</h2>
      ${theirs ? html`<p class="notice warn" role="alert">This post was changed in another window. Your text is still here. Save it over the other change, or use what was saved.</p>` : nothing}
      ${this.fields.map((field) => this.#input(field))}
      ${this.settings.template(post)}
      ${error ? html`<p class="error" id="edit-error" role="alert">${error}</p>` : nothing}
      <div class="row"><button class="primary" part="button primary" aria-disabled=${busy ? 'true' : 'false'}>${retry ? 'Save and retry' : theirs ? 'Save mine' : 'Save'}</button>
        <button type="button" part="button" @click=${close}>Discard</button></div></form></section>`;
  }

  /** @param {Field} field */
  #input(field) {
    const { theirs } = this;
    const value = this.values.get(field) ?? '';
    const id = `edit-${field}`;
    const wrong = this.error && this.field === field;
    const put = (/** @type {any} */ event) => this.#set(field, event.target.value);
    const other = theirs && valueOf(theirs, field) !== value ? theirs : null;
    return html`<div class="field"><label for=${id}>${FIELDS[field]}</label>
      ${field === 'caption' ? html`<textarea id=${id} rows="4" .value=${value} @input=${put}></textarea>`
        : html`<input id=${id} type=${field === 'publishAt' ? 'datetime-local' : field === 'videoUrl' ? 'url' : 'text'} autocomplete="off" .value=${value}
            aria-invalid=${wrong ? 'true' : nothing} aria-describedby=${wrong ? 'edit-error' : nothing} @input=${put}>`}
      ${field === 'publishAt' ? html`<p class="hint">${when(new Date(value))}. Your time zone: ${zone()}.</p>` : nothing}
      ${other ? html`<div class="theirs"><p class="hint">Saved meanwhile:</p><p class="pre">${field === 'publishAt' ? when(other.publishAt) : valueOf(other, field) || 'nothing'}</p>
        <button type="button" class="link" @click=${() => this.#set(field, valueOf(other, field))}>Use this</button></div>` : nothing}</div>`;
  }
}
