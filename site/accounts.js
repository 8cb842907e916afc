// The Integrations section: one card per platform, with the accounts connected to it.

import { disconnect, listAccounts } from './api.js';
import { connect } from './connect.js';
import { $, avatar, confirmed, count, el, handleOf, link, nameOf, notice } from './dom.js';
import { PLATFORMS } from './platforms.js';

const STATUS = {
  active: ['Connected', 'good'],
  needsReconnect: ['Reconnect needed', 'warn'],
  disconnected: ['Disconnected', 'idle'],
};

let accounts = null;
let trouble = null;
let connecting = null;
let changed = () => {};

export const accountById = (id) => accounts?.find((account) => account.id === id);

export function startAccounts(onChange) {
  changed = onChange;
  render();
  return loadAccounts();
}

export async function loadAccounts() {
  try {
    accounts = await listAccounts();
    trouble = null;
  } catch (error) {
    trouble = error.sentence ?? error.message;
  }
  render();
  if (accounts) changed(accounts);
}

function begin(platform, account) {
  const known = new Map((accounts ?? []).map((each) => [each.id, fingerprint(each)]));
  connecting = platform.id;
  notice('');
  connect({
    platform: platform.id,
    label: platform.label,
    accountId: account?.id,
    async arrived() {
      await loadAccounts();
      return (accounts ?? []).some((each) =>
        each.platform === platform.id && each.status === 'active' && known.get(each.id) !== fingerprint(each));
    },
    waiting(outcome) {
      connecting = null;
      render();
      notice(outcome.text, outcome.kind);
    },
    settled(outcome) {
      connecting = null;
      if (outcome) notice(outcome.text, outcome.kind);
      loadAccounts();
    },
  });
  render();
}

const fingerprint = (account) => `${account.status} ${account.connectedAt}`;

async function remove(account, label) {
  const sure = await confirmed(
    `Disconnect ${nameOf(account)}?`,
    `We will no longer be able to publish to this ${label} account. Its waiting posts are put on hold.`,
    'Disconnect',
  );
  if (!sure) return;
  try {
    await disconnect(account.id);
    notice(`${nameOf(account)} is disconnected.`, 'info');
  } catch (error) {
    notice(error.sentence ?? error.message, 'bad');
  }
  await loadAccounts();
}

function render() {
  const focus = document.activeElement?.dataset?.key;
  $('platforms').replaceChildren(...PLATFORMS.map(card));
  if (focus) document.querySelector(`#platforms [data-key="${CSS.escape(focus)}"]`)?.focus();
}

function card(platform) {
  const own = (accounts ?? []).filter((account) => account.platform === platform.id);
  const busy = connecting === platform.id;
  return el('article', { class: 'card', 'aria-labelledby': `platform-${platform.id}` },
    el('div', { class: 'card-head' },
      el('div', {},
        el('h3', { id: `platform-${platform.id}` }, platform.label),
        el('p', { class: 'hint' }, platform.about)),
      el('button', {
        type: 'button',
        class: own.length ? '' : 'primary',
        'data-key': `connect-${platform.id}`,
        onclick: () => begin(platform),
      }, own.length ? `Connect another ${platform.label}` : `Connect ${platform.label}`)),
    busy && el('p', { class: 'hint', role: 'status' }, `Waiting for the ${platform.label} window…`),
    trouble && el('p', { class: 'field-error', role: 'alert' }, trouble, ' ',
      el('button', { type: 'button', class: 'quiet', 'data-key': 'reload', onclick: loadAccounts }, 'Try again')),
    own.length > 0 && el('ul', { class: 'accounts' }, own.map((account) => row(account, platform))),
    accounts && !own.length && el('p', { class: 'hint' }, 'No account connected yet.'),
    !accounts && !trouble && el('p', { class: 'hint' }, 'Loading accounts…'));
}

function row(account, platform) {
  const meta = account.accountMetadata ?? {};
  const [word, tone] = STATUS[account.status] ?? [account.status, 'idle'];
  const numbers = [
    [meta.followerCount, 'follower', 'followers'],
    [meta.videoCount, 'video', 'videos'],
  ].filter(([number]) => Number.isFinite(number)).map(([number, one, many]) => `${count(number)} ${number === 1 ? one : many}`);
  const handle = handleOf(account);
  return el('li', { class: 'account' },
    avatar(meta.avatarUrl, nameOf(account)),
    el('div', { class: 'account-text' },
      el('p', { class: 'account-name' }, el('strong', {}, nameOf(account)), ' ', el('span', { class: `badge ${tone}` }, word)),
      el('p', { class: 'hint' },
        handle && (meta.profileUrl ? link(meta.profileUrl, handle) : handle),
        numbers.length > 0 && `${handle ? ' · ' : ''}${numbers.join(' · ')}`)),
    el('div', { class: 'row end' },
      account.status !== 'active' && el('button', {
        type: 'button',
        class: 'primary',
        'data-key': `reconnect-${account.id}`,
        'aria-label': `Reconnect ${nameOf(account)}`,
        onclick: () => begin(platform, account),
      }, 'Reconnect'),
      account.status !== 'disconnected' && el('button', {
        type: 'button',
        'data-key': `disconnect-${account.id}`,
        'aria-label': `Disconnect ${nameOf(account)}`,
        onclick: () => remove(account, platform.label),
      }, 'Disconnect')));
}
