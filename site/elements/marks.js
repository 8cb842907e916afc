// @ts-check
// A simple glyph for each platform, and the avatar that carries it. The glyphs are our own drawings.

import { html, nothing, svg } from '../vendor/lit.js';
import { nameOf, webUrl } from './format.js';

/** @type {Record<string, [ground: string, glyph: unknown]>} */
const GLYPHS = {
  tiktok: ['#111', svg`<path d="M13 5v9.2a3 3 0 1 1-3-3M13 5c.2 2.4 1.9 4 4.2 4.1" fill="none" stroke="#fff" stroke-width="2.2" stroke-linecap="round"/>`],
  youtube: ['#d3261c', svg`<path d="M9 7.4v9.2l8-4.6z" fill="#fff"/>`],
  instagram: ['#a3338f', svg`<rect x="5.5" y="5.5" width="13" height="13" rx="4" fill="none" stroke="#fff" stroke-width="1.9"/><circle cx="12" cy="12" r="3.1" fill="none" stroke="#fff" stroke-width="1.9"/><circle cx="15.6" cy="8.4" r="1.1" fill="#fff"/>`],
  facebook: ['#1559b7', svg`<path d="M15.6 6.2h-1.4c-1.3 0-2 .8-2 2V19M9 12h6" fill="none" stroke="#fff" stroke-width="2.4" stroke-linecap="round"/>`],
};

/** @param {string} platform */
export function mark(platform) {
  const [ground, glyph] = GLYPHS[platform] ?? ['#5a5c57', nothing];
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
