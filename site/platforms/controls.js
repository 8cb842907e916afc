// @ts-check
// Small templates that the platforms' forms share.

import { html, nothing } from '../vendor/lit.js';

/** @param {string} href @param {string} text */
export const link = (href, text) => html`<a href=${href} target="_blank" rel="noopener noreferrer">${text}</a>`;

/** @param {unknown} text @param {unknown} input */
export const pick = (text, input) => html`<label class="pick">${input}<span>${text}</span></label>`;

/**
 * A text field with its label, hint and error.
 * @param {{id: string, label: string, value: string, set: (value: string) => void, hint?: string, error?: unknown, errorId?: string, type?: string, placeholder?: string, most?: number}} field
 */
export const text = ({ id, label, value, set, hint, error, errorId, type = 'text', placeholder, most }) => html`
  <div class="field"><label for=${id}>${label}</label>
    <input id=${id} type=${type} autocomplete="off" .value=${value} placeholder=${placeholder ?? nothing} maxlength=${most ?? nothing}
      aria-invalid=${error ? 'true' : nothing} aria-describedby=${error ? (errorId ?? nothing) : nothing}
      @input=${(/** @type {any} */ event) => set(event.target.value)}>
    ${hint ? html`<p class="hint">${hint}</p>` : nothing}${error ?? nothing}</div>`;

/** @param {boolean} checked @param {(checked: boolean) => void} set @param {boolean} [disabled] */
export const box = (checked, set, disabled = false) => html`
  <input type="checkbox" .checked=${checked} ?disabled=${disabled} @change=${(/** @type {any} */ event) => set(event.target.checked)}>`;
