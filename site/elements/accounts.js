// @ts-check
// <social-accounts>: a card for each platform, with the accounts connected to it.

import { html, nothing, css } from '../vendor/lit.js';
import { landing } from '../vendor/social-publisher.js';
import { PLATFORMS, labelOf, platformOf } from '../platforms/index.js';
import { Attempt, newestOf } from './attempt.js';
import { SocialElement } from './element.js';
import { counted, handleOf, nameOf, sentence, webUrl, when } from './format.js';
import { avatar, mark } from './marks.js';
import { IDLE_MS } from './session.js';
import { styles } from './styles.js';
import { ACCOUNT, outcomeOf } from './words.js';

/** @typedef {import('./session.js').Result} Result */
/** @typedef {import('./session.js').Account} Account */

// The page that a popup or a whole page comes back to. A popup reports and closes here.
const landed = landing();
// While a closed popup may still bring an account.
const WATCH_MS = 3_000;
const AFTER_MS = 1_000;

/** Says how many posts still wait for this account. @param {Account} account */
function openPosts({ openResults: open }) {
  if (open === undefined) return 'Posts that wait for it are put on hold.';
  if (!open) return 'No post waits for it.';
  return `${open === 1 ? '1 post waits' : `${open} posts wait`} for it and will be put on hold.`;
}

export class SocialAccounts extends SocialElement {
  static properties = { ...SocialElement.properties, returnTo: { attribute: 'return-to' } };
  static styles = [styles, css`
    .cards { columns: 26rem; column-gap: 1rem; margin-bottom: -1rem; }
    .cards > article { margin: 0 0 1rem; break-inside: avoid; container-type: inline-size; }
    .head { display: flex; gap: 0.75rem; align-items: flex-start; flex-wrap: wrap; }
    .head > div { flex: 1 1 10rem; min-width: 0; }
    .head > .short { flex-basis: 6rem; }
    @container (max-width: 24rem) { .another { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); } }
    .account { display: flex; flex-wrap: wrap; gap: 0.25rem 0.75rem; align-items: flex-start; padding-block: 0.75rem; border-top: 1px solid var(--line); }
    .account:last-child { padding-bottom: 0; }
    .account > .stack { flex: 1 1 13rem; }
    /* Each fact has its dot before it, and the first dot of a line is cut off. */
    .facts { display: flex; flex-wrap: wrap; margin-left: -1rem; clip-path: inset(-0.25rem -0.25rem -0.25rem 0.75rem); }
    .facts > span { padding-left: 1rem; text-indent: -1rem; overflow-wrap: anywhere; }
    .facts > span::before { content: "·" / ""; display: inline-block; width: 1rem; text-indent: 0; text-align: center; }
    .facts > .whole { white-space: nowrap; }
    .account .row { gap: 0.25rem 1rem; }
    .account .acts { min-height: 1.5rem; padding-left: 3.25rem; }
    @container (min-width: 24rem) { .account .acts { padding-left: 0; } }
    .account.calls .acts { flex-basis: 100%; padding-left: 3.25rem; }
    details .account:first-child { border-top: 0; }
  `];

  constructor() {
    super();
    this.returnTo = location.pathname;
    /** @type {Attempt | null} */
    this.attempt = null;
  }

  begin() {
    super.begin();
    if (landed) {
      Attempt.forget();
      this.#settle(landed);
    } else this.attempt = Attempt.resume();
    this.on('outcome', () => this.#hear());
    this.#hear();
    this.watch(async () => {
      await this.session.loadAccounts();
      const { attempt } = this;
      const { accounts } = this.session;
      if (attempt && (attempt.closed || attempt.resumed)) {
        if (attempt.hasArrived(accounts)) {
          this.#finish();
          this.#settle({ social: 'connected', platform: attempt.platform, reason: null, leftOut: null });
        } else if (attempt.expired) this.#finish();
      }
      this.attempt?.compareWith(accounts);
      return this.attempt?.closed ? WATCH_MS : this.session.accountsError ? IDLE_MS / 4 : IDLE_MS;
    });
  }

  /** Takes an outcome that no attempt of this page waits for: its popup is older than the page, or another tab's. */
  #hear() {
    const { outcome } = this.session;
    this.session.outcome = null;
    if (!outcome || (this.attempt && !this.attempt.resumed)) return;
    if (this.attempt?.platform === outcome.platform) this.#finish();
    this.#settle(outcome);
  }

  /** Ends the attempt, whatever came of it. */
  #finish() {
    this.attempt?.stop.abort();
    this.attempt = null;
    Attempt.forget();
    this.requestUpdate();
  }

  /** Shows how an attempt ended. @param {any} outcome */
  async #settle(outcome) {
    await this.session.reloadAccounts();
    const { accounts, accountsError } = this.session;
    const names = accountsError ? [] : newestOf(accounts ?? [], outcome.platform).map(nameOf).toSorted();
    const { text, kind } = outcomeOf(outcome, labelOf(outcome.platform), names);
    const more = outcome.social === 'connected' ? html`<a href=${this.composeHref}>Write a post</a>` : nothing;
    this.tell(text, kind, more);
    if (outcome.social === 'connected') this.emit('social-connected', outcome);
  }

  /** Call it directly from a click, or the browser blocks the popup. @param {string} platform @param {Account} [account] */
  async connect(platform, account) {
    this.#finish();
    this.tell('');
    const attempt = Attempt.start(platform, this.session.accounts);
    this.attempt = attempt;
    const options = { returnTo: this.returnTo, ...(account && { accountId: account.id }) };
    const label = labelOf(platform);
    // The outcome may be a moment behind the popup's end.
    const onClosed = () => window.setTimeout(() => {
      if (this.attempt !== attempt) return;
      attempt.closed = true;
      this.tell(`The ${label} window was closed. If you are still signing in, the account will appear here. Otherwise, connect again.`);
      this.session.refresh();
    }, AFTER_MS);
    try {
      const outcome = await this.session.call((api) => api.connect(/** @type {any} */ (platform), { ...options, signal: attempt.stop.signal, onClosed }));
      if (this.attempt !== attempt) return;
      this.#finish();
      if (outcome.reason === 'popup_blocked') this.#offerWholePage(platform, options);
      else await this.#settle(outcome);
    } catch (error) {
      if (this.attempt !== attempt) return;
      this.#finish();
      this.tellError(error);
    }
    this.requestUpdate();
  }

  /** @param {string} platform @param {object} options */
  #offerWholePage(platform, options) {
    const go = () => this.session.call((api) => api.connectByRedirect(/** @type {any} */ (platform), options)).catch((error) => this.tellError(error));
    this.tell(`Your browser blocked the ${labelOf(platform)} window. You can sign in on this page instead and come back.`, 'warn',
      html`<button type="button" class="link" @click=${go}>Continue on this page</button>`);
  }

  /** @param {Account} account */
  async disconnect(account) {
    const label = labelOf(account.platform);
    const sure = await this.ask(`Disconnect ${nameOf(account)}?`,
      `We will no longer be able to publish to this ${label} account. ${openPosts(account)}`, 'Disconnect');
    if (!sure) return;
    try {
      await this.session.call((api) => api.disconnect(account.id));
      this.tell(`${nameOf(account)} is disconnected.`, 'good');
      this.emit('social-disconnected', { accountId: account.id });
    } catch (error) {
      this.tellError(error);
    }
    this.session.refresh();
  }

  render() {
    const { accounts, accountsError } = this.session;
    if (this.session.ended) return this.ended();
    const first = accounts && !accounts.length;
    return html`<div class="stack">
      ${this.aside()}
      ${accountsError && !accounts ? html`<p class="error" role="alert">${sentence(accountsError)}
        <button type="button" class="link" @click=${() => this.session.refresh()}>Try again</button></p>` : nothing}
      ${accountsError && accounts ? html`<p class="hint" role="status">This list may be out of date. We’re trying to reach the server.</p>` : nothing}
      ${first ? html`<p>Connect an account first. Then you write a post once and publish it on all of them.</p>` : nothing}
      <div class="cards">${PLATFORMS.map((platform) => this.#card(platform))}</div>
    </div>`;
  }

  /** @param {import('../platforms/index.js').Platform} platform */
  #card(platform) {
    const { accounts, setup } = this.session;
    const own = (accounts ?? []).filter((account) => account.platform === platform.id);
    const shown = own.filter(({ status }) => status !== 'disconnected');
    const folded = own.filter(({ status }) => status === 'disconnected');
    const state = setup?.platforms.find((each) => each.platform === platform.id);
    const off = state && state.status !== 'ready';
    const busy = this.attempt?.platform === platform.id && !this.attempt.closed;
    return html`<article class="card stack" part="card" aria-labelledby="name-${platform.id}">
      <div class="head">${mark(platform.id)}
        <div class=${shown.length ? 'short' : ''}><h2 id="name-${platform.id}">${platform.label}</h2><p class="hint">${shown.length ? counted(shown.length, 'account', 'accounts') : platform.about}</p></div>
        ${off ? html`<span class="badge idle" part="badge">Not set up</span>`
          : html`<button type="button" part="button ${own.length ? '' : 'primary'}" class=${own.length ? '' : 'primary'} aria-busy=${busy ? 'true' : nothing}
              @click=${() => this.connect(platform.id)}><span>Connect${shown.length ? html`<span class="another"> another</span>` : nothing}</span><span class="said"> ${platform.label}</span></button>`}
      </div>
      ${off ? html`<p class="hint">The operator of this product has to set ${new Intl.ListFormat('en').format(state.missing)} first.</p>` : nothing}
      ${busy ? html`<p class="hint" role="status">${this.attempt?.resumed ? `If the ${platform.label} window is still open, continue there.`
        : `Continue in the ${platform.label} window.`} This page waits for it.</p>` : nothing}
      ${!accounts && !this.session.accountsError ? html`<p class="hint">Loading accounts…</p>` : nothing}
      ${shown.length ? html`<ul>${shown.map((account) => this.#row(account))}</ul>` : nothing}
      ${folded.length ? html`<details><summary class="hint">${folded.length} disconnected</summary><ul>${folded.map((account) => this.#row(account))}</ul></details>` : nothing}
    </article>`;
  }

  /** @param {Account} account */
  #row(account) {
    const meta = account.accountMetadata ?? {};
    const [word, tone] = ACCOUNT[account.status] ?? [account.status, 'idle'];
    const platform = platformOf(account.platform);
    const numbers = (platform?.counts ?? []).flatMap(([member, one, many]) => {
      const number = /** @type {Record<string, unknown>} */ (meta)[member];
      return typeof number === 'number' ? [counted(number, one, many)] : [];
    });
    if (account.openResults) numbers.push(counted(account.openResults, 'post waiting', 'posts waiting'));
    const handle = handleOf(account);
    const name = nameOf(account);
    const expiring = account.status === 'active' && account.expiresAt && Date.parse(account.expiresAt) - Date.now() < 7 * 86_400_000;
    const why = account.ended;
    const calls = account.status !== 'active' || expiring;
    return html`<li class="account ${calls ? 'calls' : ''}">${avatar(account, account.platform)}
      <div class="stack close">
        <p class="row"><strong>${name}</strong><span class="badge ${expiring ? 'warn' : tone}" part="badge">${expiring ? 'Expiring' : word}</span></p>
        <p class="hint facts">${handle ? html`<span>${webUrl(meta.profileUrl) ? html`<a href=${meta.profileUrl} target="_blank" rel="noopener noreferrer">${handle}</a>` : handle}</span>` : nothing}${numbers.map((number) => html`<span class="whole">${number}</span>`)}</p>
        ${expiring ? html`<p class="hint">Access ends ${when(account.expiresAt)}. Reconnect it before then.</p>` : nothing}
        ${account.status === 'needsReconnect' ? html`<p>${why?.message ?? `${platform?.label} no longer accepts our access to this account.`}
          ${why?.at ? `Access ended ${when(why.at)}.` : ''} Its posts are on hold and continue after you reconnect it.</p>` : nothing}
      </div>
      <div class="row acts">
        ${calls ? html`<button type="button" part="button" class=${account.status === 'needsReconnect' ? 'primary' : ''}
          aria-label="Reconnect ${name}" @click=${() => this.connect(account.platform, account)}>Reconnect</button>` : nothing}
        ${account.status !== 'disconnected' ? html`<button type="button" class="link quiet" aria-label="Disconnect ${name} from ${platform?.label}" @click=${() => this.disconnect(account)}>Disconnect</button>` : nothing}
      </div></li>`;
  }
}

customElements.define('social-accounts', SocialAccounts);
