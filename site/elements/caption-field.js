// @ts-check
// The caption in the composer, with the counter of each platform, and the AI label.

import { html, nothing } from '../vendor/lit.js';
import { box, pick } from '../platforms/controls.js';
import { platformOf } from '../platforms/index.js';
import { errorLine } from './trouble.js';

/** @typedef {import('./draft.js').Form} Form */
/** @typedef {import('../platforms/index.js').Platform} Platform */

/** @param {string} text @param {Platform} platform */
export function counter(text, { label, caption: { most, of, unit } }) {
  return html`<span class=${of(text) > most ? 'over' : ''}>${label} ${of(text).toLocaleString('en')} / ${most.toLocaleString('en')}${unit === 'bytes' ? ' bytes' : ''}</span>`;
}

/** @param {{form: Form, chosen: import('./session.js').Account[], troubles: import('./draft.js').Trouble[], set: (changes: Partial<Form>) => void}} view */
export function captionField({ form, chosen, troubles, set }) {
  const errors = errorLine(troubles.filter(({ kind, accountId }) => kind !== 'warning' && !(accountId && accountId in form.own)), 'caption-error');
  const platforms = [...new Set(chosen.filter(({ id }) => !(id in form.own)).map(({ platform }) => platform))].map((id) => /** @type {Platform} */ (platformOf(id)));
  return html`<section class="card" part="card"><div class="field" part="field"><label for="caption">Caption</label>
    <textarea id="caption" rows="5" .value=${form.caption} aria-describedby=${errors ? 'caption-error caption-counts' : 'caption-counts'} aria-invalid=${errors ? 'true' : nothing}
      @input=${(/** @type {any} */ event) => set({ caption: event.target.value })}></textarea>
    <p class="hint counts" id="caption-counts">${platforms.length ? platforms.map((platform) => counter(form.caption, platform)) : 'Each platform has its own limit.'}</p>
    ${errors}
    ${pick('Made with AI', box(form.ai, (ai) => set({ ai })))}
    <p class="hint">Every platform then labels the video as AI-generated.</p>
  </div></section>`;
}
