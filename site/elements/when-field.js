// @ts-check
// The time in the composer: now, or a date with its weekday and time zone.

import { html, nothing } from '../vendor/lit.js';
import { pick } from '../platforms/controls.js';
import { localInput, when, zone } from './format.js';
import { errorLine } from './trouble.js';

/** @typedef {import('./draft.js').Form} Form */

/** @type {[days: number, hour: number, text: string][]} */
const SUGGESTIONS = [[0, 18, 'Today 18:00'], [1, 9, 'Tomorrow 9:00'], [1, 18, 'Tomorrow 18:00']];

/** A day from now, at this hour. @param {number} days @param {number} hour */
function timeIn(days, hour) {
  const time = new Date();
  time.setDate(time.getDate() + days);
  time.setHours(hour, 0, 0, 0);
  return time;
}

/** @param {{form: Form, troubles: import('./draft.js').Trouble[], set: (changes: Partial<Form>) => void}} view */
export function whenField({ form, troubles, set }) {
  const errors = errorLine(troubles, 'when-error');
  const radio = (/** @type {boolean} */ later, /** @type {string} */ text) => pick(text, html`<input type="radio" name="when" .checked=${form.later === later} @change=${() => set({ later, at: form.at || localInput(timeIn(1, 9)) })}>`);
  return html`<section class="card" part="card"><fieldset class="field"><legend><h2>When</h2></legend>
    <div class="row">${radio(false, 'Now')}${radio(true, 'Later')}</div>
    ${form.later ? later(form, Boolean(errors), set) : nothing}
    ${errors}</fieldset></section>`;
}

/** @param {Form} form @param {boolean} wrong @param {(changes: Partial<Form>) => void} set */
function later(form, wrong, set) {
  const date = new Date(form.at);
  return html`<div class="field"><label for="publish-at">Date and time</label>
    <input id="publish-at" type="datetime-local" .value=${form.at} min=${localInput(new Date())} aria-invalid=${wrong ? 'true' : nothing} aria-describedby="zone ${wrong ? 'when-error' : ''}"
      @input=${(/** @type {any} */ event) => set({ at: event.target.value })}>
    <p class="row">${SUGGESTIONS.map(([days, hour, text]) => {
      const time = timeIn(days, hour);
      return time > new Date() ? html`<button type="button" class="link" @click=${() => set({ at: localInput(time) })}>${text}</button>` : nothing;
    })}</p>
    <p class="hint" id="zone">${Number.isNaN(date.getTime()) ? '' : `${when(date)}. `}Your time zone: ${zone()}.</p></div>`;
}
