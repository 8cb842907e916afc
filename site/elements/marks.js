// @ts-check
// The mark of each platform, and the avatar that carries it.

import { html, nothing } from '../vendor/lit.js';
import { platformOf } from '../platforms/index.js';
import { nameOf, webUrl } from './format.js';

/** @param {string} platform */
export function mark(platform) {
  const [ground, glyph] = platformOf(platform)?.mark ?? ['#5a5c57', nothing];
  return html`<svg class="mark" viewBox="0 0 24 24" aria-hidden="true"><rect width="24" height="24" fill=${ground}/>${glyph}</svg>`;
}

/** @param {any} account @param {string} platform @param {string} [size] */
export function avatar(account, platform, size = '') {
  const initial = (Array.from(nameOf(account).replace(/^@/, '').trim())[0] ?? '?').toUpperCase();
  const picture = webUrl(account?.accountMetadata?.avatarUrl);
  return html`<span class="avatar ${size}" part="avatar" aria-hidden="true">${picture ? nothing : initial}
    ${picture ? html`<img src=${picture} alt="" referrerpolicy="no-referrer" loading="lazy" @error=${gone}>` : nothing}${mark(platform)}</span>`;
}

/** A picture whose address has expired gives way to the letter. @param {Event} event */
function gone({ target }) {
  const image = /** @type {HTMLImageElement} */ (target);
  image.alt = '';
  image.hidden = true;
}
