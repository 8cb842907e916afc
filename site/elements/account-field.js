// @ts-check
// An account in the composer: whether it is chosen, its verdict, its settings, its caption.

import { html, nothing } from '../vendor/lit.js';
import { box, pick } from '../platforms/controls.js';
import { platformOf } from '../platforms/index.js';
import { counter } from './caption-field.js';
import { captionOf, choiceOf, leaderOf } from './draft.js';
import { handleOf, nameOf } from './format.js';
import { avatar } from './marks.js';
import { errorLine } from './trouble.js';

/** @typedef {import('./session.js').Account} Account */
/** @typedef {import('./draft.js').Trouble} Trouble */

/**
 * What the composer knows and does for its accounts.
 * @typedef {object} Desk
 * @property {import('./draft.js').Form} form
 * @property {any[]} accounts
 * @property {any[]} chosen
 * @property {Trouble[]} troubles of all accounts
 * @property {boolean} tried whether what is missing counts as an error
 * @property {'noVideo' | 'running' | 'failed' | 'refused' | 'ready'} check how the check of the whole form stands
 * @property {any[]} surfaces
 * @property {Set<string>} opened the accounts whose settings are open
 * @property {import('./session.js').Setup | null} setup
 * @property {string} accountsHref
 * @property {(account: any) => import('../platforms/index.js').Remote | undefined} remoteOf
 * @property {(changes: Partial<import('./draft.js').Form>) => void} set
 * @property {(account: any, changes: object) => void} choose
 * @property {(account: any, on: boolean) => void} tick
 * @property {(account: any) => void} ask asks the platform again
 * @property {(platform: string, on: boolean) => void} share
 */

/** @param {Account} account @param {Desk} desk */
export function accountField(account, desk) {
  const platform = /** @type {import('../platforms/index.js').Platform} */ (platformOf(account.platform));
  const active = account.status === 'active';
  const chosen = active && desk.form.chosen.includes(account.id);
  const own = desk.troubles.filter(({ accountId }) => accountId === account.id);
  return html`<li>
    <label class="choice"><input type="checkbox" data-account=${account.id} .checked=${chosen} ?disabled=${!active} @change=${(/** @type {any} */ event) => desk.tick(account, event.target.checked)}>
      ${avatar(account, account.platform, 'small')}<span><strong>${nameOf(account)}</strong> <span class="hint">${platform.label} ${handleOf(account)}</span></span>
      ${chosen ? verdict(own, desk, account, platform) : nothing}</label>
    ${active ? nothing : html`<p class="hint inside">Reconnect it under <a href=${desk.accountsHref}>Integrations</a> first.</p>`}
    ${chosen ? inside(account, platform, own, desk) : nothing}</li>`;
}

/** @param {Trouble[]} own @param {Desk} desk @param {Account} account @param {import('../platforms/index.js').Platform} platform */
function verdict(own, { check, form, accounts, remoteOf }, account, platform) {
  const many = (/** @type {string} */ kind) => own.filter((trouble) => trouble.kind === kind).length;
  const open = many('todo');
  /** @type {Record<Desk['check'], [string, string]>} */
  const words = { noVideo: ['Needs a video', 'idle'], running: ['Checking…', 'idle'], failed: ['Not checked', 'warn'], refused: ['Not ready', 'bad'], ready: ['Ready', 'good'] };
  const blocked = platform.blocked(choiceOf(form, account, accounts), remoteOf(account));
  const [word, tone] = many('error') || blocked ? words.refused : open ? [`${open} ${open === 1 ? 'field' : 'fields'} left`, 'warn'] : words[check];
  return html`<span class="badge ${tone}" part="badge">${word}</span>`;
}

/** @param {Account} account @param {import('../platforms/index.js').Platform} platform @param {Trouble[]} own @param {Desk} desk */
function inside(account, platform, own, desk) {
  const { form } = desk;
  const leader = leaderOf(form, account, desk.accounts);
  const choice = choiceOf(form, account, desk.accounts);
  const siblings = desk.chosen.filter((each) => each.platform === account.platform);
  const id = (/** @type {string} */ name) => `${account.id}-${name}`;
  const placed = new Set(['caption']);
  const error = (/** @type {string} */ field) => {
    placed.add(field);
    return errorLine(own.filter(({ kind, field: at }) => at === field && (kind === 'error' || (kind === 'todo' && desk.tried))), id(`${field}-error`));
  };
  const settings = leader.id === account.id ? platform.template({
    account, choice, id, error,
    remote: desk.remoteOf(account),
    set: (changes) => desk.choose(account, changes),
    retry: () => desk.ask(account),
    ai: form.ai,
    setup: desk.setup?.platforms.find((each) => each.platform === platform.id),
  }) : null;
  const surface = desk.surfaces.find(({ accountId }) => accountId === account.id)?.surface;
  const differs = account.id in form.own;
  const put = (/** @type {string | undefined} */ caption) => {
    const { [account.id]: _, ...others } = form.own;
    desk.set({ own: caption === undefined ? others : { ...others, [account.id]: caption } });
  };
  const another = differs ? nothing : html`<p><button type="button" class="link" @click=${() => put(form.caption)}>Write a different caption<span class="said"> for ${nameOf(account)} on ${platform.label}</span></button></p>`;
  const toggled = (/** @type {any} */ { target }) => (target.open ? desk.opened.add(account.id) : desk.opened.delete(account.id));
  // What has no place in the settings stands above them.
  const loose = own.filter(({ field, kind }) => kind === 'warning' || (kind === 'error' && !placed.has(field)));
  return html`<div class="inside">
    ${loose.length ? html`<ul class="findings">${loose.map(({ kind, message }) => html`<li class=${kind}>${message}</li>`)}</ul>` : nothing}
    ${settings ? html`<details .open=${desk.opened.has(account.id)} @toggle=${toggled}>
      <summary>Settings <span class="hint">${platform.summary(choice)}${surface && surface !== platform.label ? ` · ${surface}` : ''}</span></summary>
      <section class="settings" aria-label="${platform.label} settings of ${nameOf(account)}">${settings}
        ${siblings.length > 1 ? pick(`Same settings for all ${siblings.length} ${platform.label} accounts`, box(Boolean(form.same[platform.id]), (on) => desk.share(platform.id, on))) : nothing}
        ${another}</section></details>` : html`<p class="hint">Same settings as ${nameOf(leader)}.</p>${another}`}
    ${differs ? html`<div class="field"><label for=${id('caption')}>Caption on ${platform.label} for ${nameOf(account)}</label>
      <textarea id=${id('caption')} rows="3" .value=${captionOf(form, account)} @input=${(/** @type {any} */ event) => put(event.target.value)}></textarea>
      <p class="hint counts">${counter(captionOf(form, account), platform)}</p>${error('caption')}
      <p><button type="button" class="link" @click=${() => put(undefined)}>Use the common caption</button></p></div>` : nothing}
  </div>`;
}
