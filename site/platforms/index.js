// @ts-check
// The platforms, in the order in which they are shown. A platform is data and pure functions: no state, no requests.

import { facebook } from './facebook.js';
import { instagram } from './instagram.js';
import { tiktok } from './tiktok.js';
import { youtube } from './youtube.js';

/**
 * What the platform said about one account: its options, or why there are none.
 * @typedef {{options?: any, error?: string, at?: number}} Remote
 */

/**
 * @typedef {object} View
 * @property {any} account
 * @property {any} choice
 * @property {Remote | undefined} remote
 * @property {(changes: object) => void} set
 * @property {(name: string) => string} id
 * @property {(field: string) => unknown} error the error at this field, ready to show
 * @property {() => void} retry asks the platform again
 * @property {boolean} ai whether the post carries the AI label
 * @property {import('../elements/session.js').Setup['platforms'][number] | undefined} setup what the operator has set up for the platform
 */

/**
 * @typedef {object} Platform
 * @property {string} id
 * @property {string} label
 * @property {string} about
 * @property {[ground: string, glyph: unknown]} mark a simple glyph on a ground, drawn by ourselves
 * @property {string} [noAccount] what to do if a sign-in yields no account
 * @property {string} [accounts] what its accounts are called
 * @property {boolean} titled whether it shows the post's title
 * @property {(url: string, id: string | null | undefined) => string | null | undefined} player the address of its player for a published video
 * @property {[member: string, one: string, many: string][]} counts
 * @property {{most: number, unit: string, of: (text: string) => number}} caption the limit of its text
 * @property {boolean} asks whether an account has posting options of its own
 * @property {boolean} cover whether a frame can be the cover
 * @property {boolean} chooses whether the person has to choose something
 * @property {(account: any) => any} initial
 * @property {(all: any[]) => any} merge the options of accounts that share their choices
 * @property {(choice: any, options: any) => any} adopt
 * @property {(choice: any) => boolean} needsOptions
 * @property {(choice: any, remote?: Remote) => string} blocked why nothing can be sent
 * @property {(about: {choice: any, remote?: Remote, seconds: number, caption: string}) => [field: string, sentence: string, kind?: string][]} problems
 * @property {(field: string) => string} place
 * @property {(choice: any, post: {cover: number | null, ai: boolean}) => object} read
 * @property {(choice: any) => string} summary
 * @property {(choices: any[]) => {wording: string, shown: unknown} | null} consent
 * @property {(view: View) => unknown} template
 */

/** @type {Platform[]} */
export const PLATFORMS = [tiktok, youtube, instagram, facebook];

/** @param {string | null | undefined} id */
export const platformOf = (id) => PLATFORMS.find((platform) => platform.id === id);

/** The results in the order of the platforms. @param {any[]} results */
export function ordered(results) {
  const order = PLATFORMS.map(({ id }) => id);
  return results.toSorted((a, b) => order.indexOf(a.platform) - order.indexOf(b.platform));
}

/** @param {string | null | undefined} id */
export const labelOf = (id) => platformOf(id)?.label ?? id ?? 'The platform';
