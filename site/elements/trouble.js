// @ts-check
// What is wrong with a form: each sentence at its field, and at its account.

import { html, nothing } from '../vendor/lit.js';
import { platformOf } from '../platforms/index.js';

/** @typedef {import('./draft.js').Trouble} Trouble */

/**
 * An error of the API, at the field and the account where this page shows it.
 * @param {any} said
 * @param {any} body the request
 * @param {'error' | 'warning'} kind
 * @param {(id: string) => any} accountOf
 * @returns {Trouble}
 */
export function troubleOf({ field = '', message, accountId }, body, kind, accountOf) {
  const parts = field.split(/[.[\]/]+/).filter(Boolean);
  const name = parts.findLast((/** @type {string} */ part) => !/^\d+$/.test(part)) ?? '';
  const id = accountId ?? (parts[0] === 'results' ? body.results[Number(parts[1])]?.accountId : undefined);
  const platform = platformOf(accountOf(id)?.platform);
  return { field: platform && name !== 'videoUrl' ? platform.place(name) : name, message, kind, ...(id && { accountId: id }) };
}

/** One sentence for each fact. @param {Trouble[]} troubles @param {string} [id] */
export function errorLine(troubles, id) {
  const sentences = [...new Set(troubles.map(({ message }) => message))];
  return sentences.length ? html`<p class="error" id=${id ?? nothing}>${sentences.join(' ')}</p>` : null;
}
