// @ts-check
// <social-composer>: one video, one caption, the accounts with their choices, now or later.

import { css, html, nothing } from '../vendor/lit.js';
import { ordered, platformOf } from '../platforms/index.js';
import { accountField } from './account-field.js';
import { captionField } from './caption-field.js';
import { Check } from './check.js';
import { Choices } from './choices.js';
import { bodyOf, choiceOf, chosenOf, emptyForm, keep, leaderOf, restore, troublesOf } from './draft.js';
import { SocialElement } from './element.js';
import { sentence, webUrl, when } from './format.js';
import { Sending } from './sending.js';
import { styles } from './styles.js';
import { errorLine } from './trouble.js';
import { Player, videoField } from './video-field.js';
import { whenField } from './when-field.js';

/** @typedef {import('./session.js').Account} Account */
/** @typedef {import('./session.js').Result} Result */
/** @typedef {import('./draft.js').Trouble} Trouble */

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
    .first { margin-bottom: 1rem; }
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
    this.sending = new Sending(() => this.session);
    /** @type {any} */
    this.accepted = null;
    this.opened = new Set();
    this.entered = false;
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
    // The form comes with the accounts; the person starts at its first field.
    const first = this.dialog && this.open ? /** @type {HTMLElement | null} */ (this.renderRoot.querySelector('#video-url')) : null;
    if (first && !this.entered) first.focus();
    this.entered = Boolean(first);
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
    this.sending.reset();
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
    const theirs = [...this.sending.refusals, ...(this.check.isFor(this.#body) ? /** @type {any} */ (this.check.verdict).troubles : [])];
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

  /** What the person agrees to by publishing, on each platform. */
  get #consents() {
    const all = this.#chosen;
    return [...new Set(all.map(({ platform }) => platform))].flatMap((id) => {
      const consent = platformOf(id)?.consent(all.filter(({ platform }) => platform === id).map((account) => choiceOf(this.form, account, this.#accounts)));
      return consent ? [{ id, ...consent }] : [];
    });
  }

  /** @param {Event} event */
  async #publish(event) {
    event.preventDefault();
    if (this.sending.busy || this.#blocked) return;
    this.tried = true;
    this.sending.reset();
    this.tell('');
    if (this.#troubles.some(({ kind }) => kind !== 'warning')) {
      this.requestUpdate();
      await this.updateComplete;
      this.#focusError();
      return;
    }
    const sent = this.sending.prepare(this.form.sent, this.#body, this.#consents);
    this.#keep({ ...this.form, sent });
    const sending = this.sending.send(sent);
    this.requestUpdate();
    const { post, decided } = await sending;
    if (post) {
      this.#keep(emptyForm());
      this.tried = false;
      this.player.show('');
      this.accepted = post;
      this.emit('social-posted', { post });
    } else if (decided) this.#keep({ ...this.form, sent: null });
    this.requestUpdate();
    await this.updateComplete;
    if (this.accepted) /** @type {HTMLElement | null} */ (this.renderRoot.querySelector('#accepted'))?.focus();
    else this.#focusError();
  }

  /** @param {import('./draft.js').Form} form */
  #keep(form) {
    this.form = form;
    keep(this.draft, form);
  }

  #focusError() {
    const first = [...this.renderRoot.querySelectorAll('form .error:not([data-refusal])')].find((node) => node.textContent?.trim());
    const inside = first?.closest('details');
    if (inside) inside.open = true;
    const place = first?.closest('.field, .settings, li, .finish');
    /** @type {HTMLElement | null | undefined} */ (place?.querySelector('input:not(:disabled), select, textarea, button'))?.focus();
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
      <div class="row"><a class="button primary" href=${this.hrefOf(post.id)}>See the post</a><button type="button" @click=${another}>Write another</button></div></div>`;
  }

  #form() {
    if (!this.session.accounts) {
      const error = this.session.accountsError;
      return html`<p class=${error ? 'error' : 'hint'} role="status">${error ? html`${sentence(error)}
        <button type="button" class="link" @click=${() => this.session.loadAccounts()}>Try again</button>` : 'Loading…'}</p>`;
    }
    const all = this.#all;
    const shown = (/** @type {Trouble} */ { kind }) => kind !== 'todo' || this.tried;
    const set = (/** @type {Partial<import('./draft.js').Form>} */ changes) => this.#set(changes);
    const at = (/** @type {string} */ field) => all.filter((trouble) => trouble.field === field && !trouble.accountId && shown(trouble));
    return html`${this.#accounts.length ? nothing : html`<div class="card stack first" part="card"><p>You have no account yet. Connect one first, then publish your video on it.</p>
      <p><a class="button primary" href=${this.accountsHref}>Connect an account</a></p></div>`}
    <form novalidate @submit=${this.#publish} aria-label="New post">
      <div class="stack left">${this.#video(at('videoUrl'))}${captionField({ form: this.form, chosen: this.#chosen, troubles: all.filter((trouble) => trouble.field === 'caption' && shown(trouble)), set })}</div>
      <div class="stack">${this.#accountList(all, at('results'))}${whenField({ form: this.form, troubles: at('publishAt'), set })}${this.#finish()}</div>
    </form>`;
  }

  #finish() {
    return this.sending.template({
      form: this.form, blocked: this.#blocked, consents: this.#consents,
      postsHref: this.postsHref,
      another: () => this.#set({ sent: null }),
    });
  }

  /** @param {Trouble[]} troubles */
  #video(troubles) {
    return videoField({
      form: this.form, player: this.player, troubles, sampleUrl: this.sampleUrl,
      facts: this.check.factsOf(this.form.videoUrl.trim()),
      reading: Boolean(this.check.running),
      hasCover: this.#chosen.some(({ platform }) => platformOf(platform)?.cover),
      set: (changes) => this.#set(changes),
      onward: () => /** @type {HTMLElement | null} */ (this.renderRoot.querySelector('#caption'))?.focus(),
      now: () => /** @type {HTMLVideoElement | null} */ (this.renderRoot.querySelector('#player'))?.currentTime ?? 0,
    });
  }

  /** @param {Trouble[]} all @param {Trouble[]} troubles */
  #accountList(all, troubles) {
    const accounts = this.#accounts;
    const desk = this.#desk(all);
    return html`<section class="card" part="card"><fieldset class="field"><legend><h2>Accounts</h2></legend>
      ${accounts.length ? html`<ul class="accounts">${accounts.map((account) => accountField(account, desk))}</ul>` : html`<p class="hint">Your accounts appear here.</p>`}
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
}

customElements.define('social-composer', SocialComposer);
