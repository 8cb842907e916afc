// @ts-check
// What a person has entered in the composer: plain data that outlasts a reload, and the request made of it.

import { platformOf } from '../platforms/index.js';
import { webUrl, withOffset } from './format.js';

/** @typedef {import('./session.js').Account} Account */
/** @typedef {import('./session.js').Post} Post */

/**
 * @typedef {object} Form
 * @property {string} videoUrl
 * @property {string} caption
 * @property {Record<string, string>} own captions of single accounts
 * @property {string[]} chosen ids of accounts, in the order of selection
 * @property {Record<string, any>} choices each account's choices
 * @property {Record<string, boolean>} same platforms whose accounts share the first one's choices
 * @property {boolean} ai
 * @property {number | null} cover in milliseconds
 * @property {boolean} later
 * @property {string} at a local date and time
 * @property {{key: string, text: string, body: any} | null} sent the last request whose outcome is not known
 */

/** @returns {Form} */
export const emptyForm = () => ({
  videoUrl: '', caption: '', own: {}, chosen: [], choices: {}, same: {}, ai: false, cover: null, later: false, at: '', sent: null,
});

/** @param {string | null} name */
const keyOf = (name) => `social-draft-${name}`;

/** @param {string | null} name @returns {Form} */
export function restore(name) {
  if (!name) return emptyForm();
  try {
    return { ...emptyForm(), ...JSON.parse(sessionStorage.getItem(keyOf(name)) ?? '{}') };
  } catch {
    return emptyForm();
  }
}

/** @param {string | null} name @param {Form} form */
export function keep(name, form) {
  if (!name) return;
  try {
    sessionStorage.setItem(keyOf(name), JSON.stringify(form));
  } catch {
    // Without storage the form lasts as long as the page.
  }
}

/** @param {Form} form @param {Account} account @param {any[]} accounts */
export function leaderOf(form, account, accounts) {
  if (!form.same[account.platform]) return account;
  const id = form.chosen.find((each) => accounts.find((one) => one.id === each)?.platform === account.platform);
  return accounts.find((one) => one.id === id) ?? account;
}

/** @param {Form} form @param {Account} account @param {any[]} accounts */
export function choiceOf(form, account, accounts) {
  const leader = leaderOf(form, account, accounts);
  return { ...platformOf(account.platform)?.initial(leader), ...form.choices[leader.id] };
}

/** The accounts that the form names and that can be published to. @param {Form} form @param {any[]} accounts */
export const chosenOf = (form, accounts) =>
  form.chosen.map((id) => accounts.find((account) => account.id === id)).filter((account) => account?.status === 'active' && platformOf(account.platform));

/** @param {Form} form @param {Account} account */
export const captionOf = (form, account) => form.own[account.id] ?? form.caption;

/** The body of a create or of a check. @param {Form} form @param {any[]} accounts */
export function bodyOf(form, accounts) {
  const date = new Date(form.at);
  return {
    videoUrl: form.videoUrl.trim(),
    caption: form.caption,
    ...(form.ai && { aiGenerated: true }),
    ...(form.later && !Number.isNaN(date.getTime()) && { publishAt: withOffset(date) }),
    results: chosenOf(form, accounts).map((account) => {
      const platform = /** @type {import('../platforms/index.js').Platform} */ (platformOf(account.platform));
      return {
        accountId: account.id,
        ...(account.id in form.own && { caption: form.own[account.id] }),
        [platform.id]: platform.read(choiceOf(form, account, accounts), { cover: form.cover, ai: form.ai }),
      };
    }),
  };
}

/** A form that says the same as a post. @param {Post} post @returns {Partial<Form>} */
export function formOf(post) {
  const own = post.results.filter(({ caption }) => typeof caption === 'string');
  return {
    videoUrl: post.videoUrl,
    caption: post.caption ?? '',
    ai: post.aiGenerated === true,
    chosen: post.results.map(({ accountId }) => accountId),
    own: Object.fromEntries(own.map((/** @type {any} */ { accountId, caption }) => [accountId, caption])),
  };
}

/**
 * @typedef {object} Trouble
 * @property {string} field
 * @property {string} message
 * @property {'todo' | 'error' | 'warning'} kind `todo`: not entered yet
 * @property {string} [accountId]
 */

/**
 * Everything that this page itself can see. Sentences of the server are added to it.
 * @param {Form} form
 * @param {any[]} accounts
 * @param {{seconds: number, remoteOf: (account: any) => any}} known
 * @returns {Trouble[]}
 */
export function troublesOf(form, accounts, { seconds, remoteOf }) {
  /** @type {Trouble[]} */
  const found = [];
  const add = (/** @type {string} */ field, /** @type {string} */ message, /** @type {any} */ kind = 'todo', /** @type {string} */ accountId = '') =>
    found.push({ field, message, kind, ...(accountId && { accountId }) });
  if (!form.videoUrl.trim()) add('videoUrl', 'Enter the video’s web address, starting with https://.');
  else if (!webUrl(form.videoUrl.trim())) add('videoUrl', 'Enter the video’s web address, starting with https://.', 'error');
  const chosen = chosenOf(form, accounts);
  if (!chosen.length) add('results', 'Choose at least one account.');
  for (const account of chosen) {
    const platform = /** @type {import('../platforms/index.js').Platform} */ (platformOf(account.platform));
    const caption = captionOf(form, account);
    const { most, unit, of } = platform.caption;
    if (of(caption) > most) add('caption', `Shorten the caption to ${most} ${unit} for ${platform.label}.`, 'error', account.id);
    const leads = leaderOf(form, account, accounts).id === account.id;
    const choice = choiceOf(form, account, accounts);
    for (const [field, message, kind] of platform.problems({ choice, remote: remoteOf(account), seconds, caption })) {
      if (leads || field === 'videoUrl' || field === 'caption') add(field, message, kind, account.id);
    }
  }
  if (form.later) {
    const date = new Date(form.at);
    if (Number.isNaN(date.getTime())) add('publishAt', 'Choose a date and time.');
    else if (date <= new Date()) add('publishAt', 'Choose a time in the future.', 'error');
  }
  return found;
}
