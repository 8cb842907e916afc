// @ts-check
// <social-composer>: one video, one caption, the accounts with their choices, now or later.

import { css, html, nothing } from '../vendor/lit.js';
import { ApiError } from '../vendor/social-publisher.js';
import { ordered, platformOf } from '../platforms/index.js';
import { box, pick } from '../platforms/controls.js';
import { accountField, counter, errorLine } from './account-field.js';
import { Check, troubleOf } from './check.js';
import { Choices } from './choices.js';
import { bodyOf, choiceOf, chosenOf, emptyForm, keep, leaderOf, restore, troublesOf } from './draft.js';
import { SocialElement } from './element.js';
import { localInput, sentence, webUrl, when, zone } from './format.js';
import { styles } from './styles.js';
import { Player, videoField } from './video-field.js';

/** @typedef {import('./session.js').Account} Account */
/** @typedef {import('./session.js').Result} Result */
/** @typedef {import('./draft.js').Trouble} Trouble */

const PROCESSING = 'After you publish, it may take a few minutes for the video to be processed and to appear on your profile.';
// Only these responses prove that nothing was created under the key.
const DECIDED = [400, 404, 409, 413, 422];

export class SocialComposer extends SocialElement {
  static properties = {
    ...SocialElement.properties,
    dialog: { type: Boolean },
    open: { type: Boolean, reflect: true },
    draft: {},
    sampleUrl: { attribute: 'sample-url' },
    values: { attribute: false },
  };

  static styles = [styles, css`
    form { display: grid; gap: 1rem; align-items: start; }
    .video { display: grid; grid-template-columns: 7rem minmax(0, 1fr); gap: 0.875rem; }
    .screen { position: relative; display: grid; place-items: center; aspect-ratio: 9 / 16; max-height: 24rem; width: 100%; border-radius: 8px; background: var(--idle-tint); overflow: hidden; text-align: center; }
    .screen.wide-video { aspect-ratio: 4 / 3; }
    .screen video { width: 100%; height: 100%; object-fit: contain; }
    .screen .hint { padding: 0.75rem; }
    .cover { display: flex; gap: 0.75rem; align-items: center; }
    .cover video { width: 2.5rem; height: 3.5rem; border-radius: 6px; object-fit: cover; background: var(--idle-tint); }
    .facts { display: flex; flex-wrap: wrap; gap: 0.25rem 0.5rem; }
    .facts li { padding: 0.0625rem 0.5rem; border-radius: 6px; background: var(--idle-tint); color: var(--soft); font-size: 0.8125rem; }
    .counts { display: flex; flex-wrap: wrap; gap: 0.125rem 1rem; justify-content: flex-end; font-variant-numeric: tabular-nums; }
    .over { color: var(--bad); font-weight: 600; }
    legend h2 { margin-bottom: 0.5rem; }
    .inside.hint { display: block; margin-top: 0.25rem; }
    .accounts > li + li { border-top: 1px solid var(--line); }
    .accounts > li { padding-block: 0.625rem; }
    .accounts > li:first-child { padding-top: 0; }
    .accounts > li:last-child { padding-bottom: 0; }
    .choice { display: flex; gap: 0.625rem; align-items: center; cursor: pointer; }
    .choice input { margin: 0; }
    .choice > span:nth-of-type(2) { flex: 1; min-width: 0; line-height: 1.3; }
    .inside { display: grid; gap: 0.75rem; margin-top: 0.625rem; padding-left: 1.875rem; }
    .inside .settings { display: grid; gap: 1rem; padding: 0.875rem; margin-top: 0.375rem; border: 1px solid var(--line); border-radius: 8px; background: var(--page); }
    .inside .settings details > .stack { padding-top: 0.75rem; }
    .nested { padding-left: 1.75rem; }
    .findings { display: grid; gap: 0.25rem; font-size: 0.9375rem; }
    .findings .warning { color: var(--warn); }
    .findings .error { color: var(--bad); }
    .consent { font-size: 0.9375rem; }
    input[type="datetime-local"] { max-width: 16rem; }
    dialog.composer { width: min(64rem, calc(100vw - 1rem)); padding: 0 1rem 1rem; background: var(--page); }
    .title { position: sticky; top: 0; z-index: 1; padding-block: 0.75rem; margin-bottom: -1rem; background: var(--page); }
    @container (min-width: 54rem) {
      form { grid-template-columns: minmax(0, 6fr) minmax(0, 5fr); }
      .video { grid-template-columns: 11rem minmax(0, 1fr); }
      .left { position: sticky; top: var(--social-top, 4.5rem); }
      dialog .left { top: 3rem; }
    }
    @media (max-width: 44rem) { .inside { padding-left: 0; } }
    @media (max-width: 30rem) { .choice { flex-wrap: wrap; } .choice > span:nth-of-type(2) { flex: 1 1 10rem; } .choice > .badge { margin-left: 4.25rem; } }
    .frame { container-type: inline-size; }
  `];

  constructor() {
    super();
    this.dialog = false;
    this.open = false;
    /** @type {string | null} */
    this.draft = null;
    /** @type {string | null} */
    this.sampleUrl = null;
    /** @type {Partial<import('./draft.js').Form> | null} */
    this.values = null;
    this.form = emptyForm();
    this.choices = new Choices(() => this.session, (account) => this.#adopt(account));
    this.check = new Check(() => this.session, () => this.requestUpdate());
    this.player = new Player(() => this.requestUpdate());
    this.tried = false;
    this.busy = false;
    /** @type {Trouble[]} */
    this.refusals = [];
    this.fault = '';
    /** @type {any} */
    this.accepted = null;
    this.opened = new Set();
  }

  connectedCallback() {
    super.connectedCallback();
    this.form = restore(this.draft ?? this.getAttribute('draft'));
    this.player.show(this.form.videoUrl);
    this.leave.push(() => this.check.stop());
  }

  begin() {
    super.begin();
    this.on('accounts', () => this.#opened());
    const fresh = () => {
      if (document.hidden) return;
      this.session.loadAccounts();
      this.choices.freshen(this.#chosen);
    };
    document.addEventListener('visibilitychange', fresh);
    this.leave.push(() => document.removeEventListener('visibilitychange', fresh));
    this.#opened();
  }

  /** @param {Map<PropertyKey, unknown>} changed */
  updated(changed) {
    if (changed.has('values') && this.values) this.compose(this.values);
    const dialog = /** @type {HTMLDialogElement | null} */ (this.renderRoot.querySelector('dialog.composer'));
    if (dialog && this.open && !dialog.open) dialog.showModal();
    if (dialog?.open && !this.open) dialog.close();
  }

  /** Opens the dialog. */
  show() {
    this.open = true;
  }

  /** Closes the dialog. What was entered stays. */
  close() {
    this.open = false;
  }

  /** Fills the form, as for a copy of a post. @param {Partial<import('./draft.js').Form>} values */
  compose(values) {
    this.accepted = null;
    // A time alone is added to what was begun.
    this.form = { ...('videoUrl' in values ? emptyForm() : this.form), ...values };
    this.player.show(this.form.videoUrl);
    this.tried = false;
    this.#changed();
    this.#opened();
  }

  get #accounts() {
    return ordered((this.session.accounts ?? []).filter(({ platform, status }) => platformOf(platform) && status !== 'disconnected'));
  }

  get #chosen() {
    return chosenOf(this.form, this.#accounts);
  }

  #opened() {
    if (!this.session.accounts) return;
    this.choices.freshen(this.#chosen);
    this.check.soon(this.#body, this.#accounts);
    this.requestUpdate();
  }

  /** @param {Partial<import('./draft.js').Form>} changes */
  #set(changes) {
    this.form = { ...this.form, ...changes };
    this.#changed();
  }

  #changed() {
    this.refusals = [];
    this.fault = '';
    if (this.news) this.tell('');
    keep(this.draft, this.form);
    this.check.soon(this.#body, this.#accounts);
    this.requestUpdate();
  }

  /** @param {Account} account @param {object} changes */
  #choose(account, changes) {
    const leader = leaderOf(this.form, account, this.#accounts);
    const choice = { ...choiceOf(this.form, leader, this.#accounts), ...changes };
    this.#set({ choices: { ...this.form.choices, [leader.id]: choice } });
  }

  /** @param {Account} account @param {boolean} on */
  #tick(account, on) {
    const chosen = this.form.chosen.filter((id) => id !== account.id);
    if (on) {
      chosen.push(account.id);
      if (platformOf(account.platform)?.chooses) this.opened.add(account.id);
      this.choices.load(account);
    }
    this.#set({ chosen });
  }

  /** Applies what the platform now offers; nothing is chosen for the person. @param {Account} account */
  #adopt(account) {
    const leader = leaderOf(this.form, account, this.#accounts);
    const options = this.#remoteOf(account)?.options;
    if (options && this.form.choices[leader.id]) {
      const choice = platformOf(account.platform)?.adopt(choiceOf(this.form, leader, this.#accounts), options);
      this.form = { ...this.form, choices: { ...this.form.choices, [leader.id]: choice } };
    }
    this.requestUpdate();
  }

  /** The accounts that share their choices with this one. @param {Account} account */
  #sharing(account) {
    return this.form.same[account.platform] ? this.#chosen.filter(({ platform }) => platform === account.platform) : [account];
  }

  /** @param {Account} account */
  #remoteOf(account) {
    return this.choices.of(this.#sharing(account));
  }

  get #body() {
    return bodyOf(this.form, this.#accounts);
  }

  get #troubles() {
    return troublesOf(this.form, this.#accounts, { seconds: this.#seconds, remoteOf: (account) => this.#remoteOf(account) });
  }

  get #seconds() {
    return this.player.facts?.seconds ?? (this.check.factsOf(this.form.videoUrl.trim())?.durationMs ?? NaN) / 1000;
  }

  /** What this page sees, and what the server said about the same form; one sentence for each fact. */
  get #all() {
    const own = this.#troubles;
    const theirs = [...this.refusals, ...(this.check.isFor(this.#body) ? /** @type {any} */ (this.check.verdict).troubles : [])];
    const known = (/** @type {Trouble} */ { field, message, accountId }) => own.some((mine) =>
      mine.accountId === accountId && (mine.field === field || mine.message === message));
    const seen = new Set();
    return [...own, ...theirs.filter((trouble) => !known(trouble))].filter(({ message, accountId, field }) => {
      const key = `${accountId} ${field} ${message}`;
      return message && !seen.has(key) && seen.add(key);
    });
  }

  // Publishing.

  get #blocked() {
    for (const account of this.#chosen) {
      const reason = platformOf(account.platform)?.blocked(choiceOf(this.form, account, this.#accounts), this.#remoteOf(account));
      if (reason) return reason;
    }
    return '';
  }

  get #consents() {
    const all = this.#chosen;
    return [...new Set(all.map(({ platform }) => platform))].map((id) =>
      ({ id, ...platformOf(id)?.consent(all.filter(({ platform }) => platform === id).map((account) => choiceOf(this.form, account, this.#accounts))) })).filter(({ shown }) => shown);
  }

  /** @param {Event} event */
  async #publish(event) {
    event.preventDefault();
    if (this.busy || this.#blocked) return;
    this.tried = true;
    this.refusals = [];
    this.fault = '';
    this.tell('');
    if (this.#troubles.some(({ kind }) => kind !== 'warning')) {
      this.requestUpdate();
      await this.updateComplete;
      this.#focusError();
      return;
    }
    const body = this.#body;
    const text = JSON.stringify(body);
    // A request without a response is sent again as it was, with its key: it posts once.
    const again = this.form.sent?.text === text ? this.form.sent : null;
    const sent = again ?? { key: this.form.sent?.key ?? crypto.randomUUID(), text, body: this.#withConsent(body) };
    this.form = { ...this.form, sent };
    keep(this.draft, this.form);
    this.busy = true;
    this.requestUpdate();
    try {
      const post = await this.session.change((api) => api.createPost(sent.body, sent.key));
      this.form = emptyForm();
      keep(this.draft, this.form);
      this.tried = false;
      this.player.show('');
      this.accepted = post;
      this.emit('social-posted', { post });
    } catch (error) {
      this.#refused(error, body);
    }
    this.busy = false;
    this.requestUpdate();
    await this.updateComplete;
    if (this.accepted) /** @type {HTMLElement | null} */ (this.renderRoot.querySelector('#accepted'))?.focus();
    else this.#focusError();
  }

  /** @param {any} body */
  #withConsent(body) {
    const at = new Date().toISOString();
    const wordings = new Map(this.#consents.map(({ id, wording }) => [id, wording]));
    const of = (/** @type {string} */ id) => wordings.get(this.session.account(id)?.platform ?? '');
    return { ...body, results: body.results.map((/** @type {Result} */ result) => ({ ...result, ...(of(result.accountId) && { consent: { at, wording: of(result.accountId) } }) })) };
  }

  /** @param {unknown} error @param {any} body */
  #refused(error, body) {
    const failed = error instanceof ApiError ? error : null;
    if (!failed || failed.outcomeUnknown) {
      this.fault = `${sentence(error)} It’s safe to press the button again. It won’t post twice.`;
      return;
    }
    if (failed.code === 'idempotency_key_reused') {
      this.fault = 'reused';
      return;
    }
    const trouble = troubleOf(failed, body, 'error', (id) => this.session.account(id));
    const placed = ['videoUrl', 'caption', 'publishAt', 'results'].includes(trouble.field) || trouble.accountId;
    if (placed) this.refusals = [{ ...trouble, message: sentence(failed) }];
    else this.fault = sentence(failed);
    if (!DECIDED.includes(failed.status)) return;
    this.form = { ...this.form, sent: null };
    keep(this.draft, this.form);
  }

  #focusError() {
    const first = [...this.renderRoot.querySelectorAll('form .error:not([data-refusal])')].find((node) => node.textContent?.trim());
    const inside = first?.closest('details');
    if (inside) inside.open = true;
    const place = first?.closest('.field, .settings, li, .finish');
    /** @type {HTMLElement | null | undefined} */ (place?.querySelector('input:not(:disabled), select, textarea, button'))?.focus();
  }

  #forget() {
    this.#set({ sent: null });
  }

  // What is shown.

  render() {
    if (this.session.ended) return this.ended();
    const inner = this.accepted ? this.#done() : this.#form();
    if (!this.dialog) return html`<div class="frame">${inner}${this.aside()}</div>`;
    const closed = () => {
      this.open = false;
      this.emit('social-closed');
    };
    return html`<dialog class="composer" aria-label="New post" @close=${closed}>
      <div class="stack"><div class="row apart title"><h2>New post</h2><button type="button" class="link" @click=${() => this.close()}>Close</button></div>
      <div class="frame">${inner}</div></div></dialog>${this.aside()}`;
  }

  #done() {
    const post = this.accepted;
    const later = Date.parse(post.publishAt) > Date.now() + 30_000;
    const another = () => {
      this.accepted = null;
      this.requestUpdate();
    };
    return html`<div class="card stack" part="card" id="accepted" tabindex="-1" role="status">
      <h2>${later ? `Scheduled for ${when(post.publishAt)}` : 'Your post is on its way'}</h2>
      <p>${later ? 'You can edit or cancel it until then.' : 'It may take a few minutes for the video to be processed and to appear on the profile.'}</p>
      <div class="row"><a class="button" href=${this.hrefOf(post.id)}>See the post</a><button type="button" @click=${another}>Write another</button></div></div>`;
  }

  #form() {
    if (!this.session.accounts) {
      const error = this.session.accountsError;
      return html`<p class=${error ? 'error' : 'hint'} role="status">${error ? html`${sentence(error)}
        <button type="button" class="link" @click=${() => this.session.loadAccounts()}>Try again</button>` : 'Loading…'}</p>`;
    }
    const all = this.#all;
    const shown = (/** @type {Trouble} */ { kind }) => kind !== 'todo' || this.tried;
    const at = (/** @type {string} */ field) => all.filter((trouble) => trouble.field === field && !trouble.accountId && shown(trouble));
    return html`<form novalidate @submit=${this.#publish} aria-label="New post">
      <div class="stack left">${this.#video(at('videoUrl'))}${this.#caption(all.filter((trouble) => trouble.field === 'caption' && shown(trouble)))}</div>
      <div class="stack">${this.#accountList(all, at('results'))}${this.#when(at('publishAt'))}${this.#finish()}</div>
    </form>`;
  }

  /** @param {Trouble[]} troubles */
  #video(troubles) {
    return videoField({
      form: this.form, player: this.player, troubles, sampleUrl: this.sampleUrl,
      facts: this.check.factsOf(this.form.videoUrl.trim()),
      reading: Boolean(this.check.running),
      hasCover: this.#chosen.some(({ platform }) => platformOf(platform)?.cover),
      set: (changes) => this.#set(changes),
      now: () => /** @type {HTMLVideoElement | null} */ (this.renderRoot.querySelector('#player'))?.currentTime ?? 0,
    });
  }

  /** @param {Trouble[]} troubles */
  #caption(troubles) {
    const { form } = this;
    const errors = errorLine(troubles.filter(({ kind, accountId }) => kind !== 'warning' && !(accountId && accountId in form.own)), 'caption-error');
    const platforms = [...new Set(this.#chosen.filter(({ id }) => !(id in form.own)).map(({ platform }) => platform))].map(platformOf);
    return html`<section class="card" part="card"><div class="field" part="field"><label for="caption">Caption</label>
      <textarea id="caption" rows="5" .value=${form.caption} aria-describedby=${errors ? 'caption-error caption-counts' : 'caption-counts'} aria-invalid=${errors ? 'true' : nothing}
        @input=${(/** @type {any} */ event) => this.#set({ caption: event.target.value })}></textarea>
      <p class="hint counts" id="caption-counts">${platforms.length ? platforms.map((platform) => counter(form.caption, /** @type {any} */ (platform))) : 'Each platform has its own limit.'}</p>
      ${errors}
      ${pick('Made with AI', box(form.ai, (ai) => this.#set({ ai })))}
      <p class="hint">Every platform then labels the video as AI-generated.</p>
    </div></section>`;
  }

  /** @param {Trouble[]} all @param {Trouble[]} troubles */
  #accountList(all, troubles) {
    const accounts = this.#accounts;
    const desk = this.#desk(all);
    return html`<section class="card" part="card"><fieldset class="field"><legend><h2>Accounts</h2></legend>
      ${accounts.length ? html`<ul class="accounts">${accounts.map((account) => accountField(account, desk))}</ul>`
        : html`<p>You have no account yet. <a href=${this.accountsHref}>Connect an account</a> first.</p>`}
      ${errorLine(troubles)}</fieldset></section>`;
  }

  /** @param {Trouble[]} troubles @returns {import('./account-field.js').Desk} */
  #desk(troubles) {
    const body = this.#body;
    const { verdict } = this.check;
    const current = this.check.isFor(body);
    return {
      form: this.form, accounts: this.#accounts, chosen: this.#chosen, troubles, tried: this.tried, opened: this.opened,
      check: !webUrl(body.videoUrl) ? 'noVideo'
        : verdict?.failed && !this.check.running && verdict.text === JSON.stringify(body) ? 'failed'
        : !current ? 'running' : verdict?.troubles.some(({ kind, accountId }) => kind === 'error' && !accountId) ? 'refused' : 'ready',
      surfaces: current ? verdict?.surfaces ?? [] : [],
      setup: this.session.setup,
      accountsHref: this.accountsHref,
      remoteOf: (account) => this.#remoteOf(account),
      set: (changes) => this.#set(changes),
      choose: (account, changes) => this.#choose(account, changes),
      tick: (account, on) => this.#tick(account, on),
      ask: (account) => this.#sharing(account).forEach((each) => this.choices.load(each)),
      share: (platform, on) => this.#share(platform, on),
    };
  }

  /** @param {string} platform @param {boolean} on */
  #share(platform, on) {
    this.#set({ same: { ...this.form.same, [platform]: on } });
    const first = this.#chosen.find((account) => account.platform === platform);
    const options = first && this.#remoteOf(first)?.options;
    if (on && options) this.#choose(first, platformOf(platform)?.adopt(choiceOf(this.form, first, this.#accounts), options) ?? {});
  }

  /** @param {Trouble[]} troubles */
  #when(troubles) {
    const { form } = this;
    const date = new Date(form.at);
    const errors = errorLine(troubles, 'when-error');
    const radio = (/** @type {boolean} */ later, /** @type {string} */ text) => pick(text, html`<input type="radio" name="when" .checked=${form.later === later} @change=${() => this.#set({ later })}>`);
    const suggest = (/** @type {number} */ days, /** @type {number} */ hour, /** @type {string} */ text) => {
      const time = new Date();
      time.setDate(time.getDate() + days);
      time.setHours(hour, 0, 0, 0);
      return time > new Date() ? html`<button type="button" class="link" @click=${() => this.#set({ at: localInput(time) })}>${text}</button>` : nothing;
    };
    return html`<section class="card" part="card"><fieldset class="field"><legend><h2>When</h2></legend>
      <div class="row">${radio(false, 'Now')}${radio(true, 'Later')}</div>
      ${form.later ? html`<div class="field"><label for="publish-at">Date and time</label>
        <input id="publish-at" type="datetime-local" .value=${form.at} min=${localInput(new Date())} aria-invalid=${errors ? 'true' : nothing} aria-describedby="zone ${errors ? 'when-error' : ''}"
          @input=${(/** @type {any} */ event) => this.#set({ at: event.target.value })}>
        <p class="row">${suggest(0, 18, 'Today 18:00')}${suggest(1, 9, 'Tomorrow 9:00')}${suggest(1, 18, 'Tomorrow 18:00')}</p>
        <p class="hint" id="zone">${Number.isNaN(date.getTime()) ? '' : `${when(date)}. `}Your time zone: ${zone()}.</p></div>` : nothing}
      ${errors}</fieldset></section>`;
  }

  #finish() {
    const blocked = this.#blocked;
    const consents = this.#consents;
    const { links } = this.session.setup ?? {};
    return html`<section class="card stack finish" part="card" aria-label="Publish">
      ${consents.map(({ shown }) => html`<p class="consent">${shown}</p>`)}
      <div role="alert">${this.fault === 'reused'
        ? html`<p class="error">Your earlier version was accepted, so this one was not posted. <a href=${this.postHref.replace(/\/?\{id\}.*/, '') || '/'}>Look at your posts</a>, or
            <button type="button" class="link" @click=${this.#forget}>post this as another one</button>.</p>`
        : this.fault ? html`<p class="error">${this.fault}</p>` : nothing}</div>
      ${this.form.sent && !this.fault && !this.busy ? html`<p class="hint">We don’t know yet if your last attempt arrived. It’s safe to press the button again. It won’t post twice.</p>` : nothing}
      <div class="row"><button class="primary grow" part="button primary" aria-disabled=${blocked || this.busy ? 'true' : 'false'} title=${blocked || nothing}>
        ${this.busy ? 'Sending…' : this.form.later ? 'Schedule' : 'Publish'}</button></div>
      ${blocked ? html`<p class="hint">${blocked}</p>` : nothing}
      <p class="hint">${PROCESSING}</p>
      ${links?.terms || links?.privacy ? html`<p class="hint row">${webUrl(links.terms) ? html`<a href=${links.terms} target="_blank" rel="noopener">Terms</a>` : nothing}${webUrl(links.privacy) ? html`<a href=${links.privacy} target="_blank" rel="noopener">Privacy Policy</a>` : nothing}</p>` : nothing}
    </section>`;
  }
}

customElements.define('social-composer', SocialComposer);
