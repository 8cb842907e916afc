// @ts-check
// The video in the composer: its URL with the player beside it, its facts, its cover frame.

import { html, nothing } from '../vendor/lit.js';
import { bytes, length, webUrl } from './format.js';
import { errorLine } from './trouble.js';

// A URL that is being typed is not loaded letter by letter.
const TYPED_MS = 500;

/** What the browser's player knows of the video. */
export class Player {
  /** @param {() => void} changed */
  constructor(changed) {
    this.changed = changed;
    /** @type {string | null} */
    this.url = null;
    /** @type {{seconds: number, width: number, height: number} | null} */
    this.facts = null;
    this.failed = false;
    this.timer = 0;
  }

  /** @param {string} text @param {number} [pause] */
  show(text, pause = 0) {
    clearTimeout(this.timer);
    const url = webUrl(text.trim());
    if (url === this.url) return;
    Object.assign(this, { url: null, facts: null, failed: false });
    if (pause) this.timer = window.setTimeout(() => this.#load(url), pause);
    else this.#load(url);
  }

  /** @param {string | null} url */
  #load(url) {
    this.url = url;
    this.changed();
  }

  get playable() {
    return this.url && !this.failed;
  }

  /** @param {any} event */
  loaded({ target }) {
    this.facts = { seconds: target.duration, width: target.videoWidth, height: target.videoHeight };
    this.changed();
  }

  refused() {
    this.failed = true;
    this.changed();
  }
}

/**
 * @typedef {object} VideoView
 * @property {import('./draft.js').Form} form
 * @property {Player} player
 * @property {any} facts what the server read of the video
 * @property {boolean} reading whether the server is reading it
 * @property {boolean} hasCover whether a chosen platform takes a frame as the cover
 * @property {import('./draft.js').Trouble[]} troubles
 * @property {string | null} sampleUrl
 * @property {(changes: Partial<import('./draft.js').Form>) => void} set
 * @property {() => void} onward moves on to the next field
 * @property {() => number} now where the player stands, in seconds
 */

/** @param {VideoView} view */
export function videoField(view) {
  const { form, player, sampleUrl } = view;
  const errors = errorLine(view.troubles.filter(({ kind }) => kind !== 'warning'), 'video-error');
  const put = (/** @type {string} */ videoUrl, pause = 0) => {
    player.show(videoUrl, pause);
    view.set({ videoUrl, cover: videoUrl.trim() === form.videoUrl.trim() ? form.cover : null });
  };
  const useSample = () => {
    put(/** @type {string} */ (sampleUrl));
    view.onward();
  };
  return html`<section class="card" part="card" aria-label="Video"><div class="video">
    <div class="screen ${player.facts && player.facts.width > player.facts.height ? 'wide-video' : ''}">${player.playable
      ? html`<video id="player" src=${player.url} controls playsinline preload="metadata" aria-label="Preview of the video"
          @loadedmetadata=${(/** @type {any} */ event) => player.loaded(event)} @error=${() => player.refused()}></video>`
      : html`<p class="hint">${player.failed ? 'Your browser can’t play this video.' : 'The preview appears here.'}</p>`}</div>
    <div class="stack">
      <div class="field" part="field"><label for="video-url">Video URL</label>
        <input id="video-url" type="url" inputmode="url" autocomplete="off" spellcheck="false" required placeholder="https://…" .value=${form.videoUrl}
          aria-invalid=${errors ? 'true' : nothing} aria-describedby=${errors ? 'video-error' : nothing} @input=${(/** @type {any} */ event) => put(event.target.value, TYPED_MS)}>
        ${webUrl(sampleUrl) && !form.videoUrl ? html`<p><button type="button" class="link" @click=${useSample}>Use the sample video</button></p>` : nothing}
        ${errors}</div>
      ${webUrl(form.videoUrl.trim()) ? facts(view) : nothing}
      ${player.playable && view.hasCover ? cover(view) : nothing}
    </div></div></section>`;
}

/** @param {VideoView} view */
function facts({ facts: read, player, reading }) {
  const seconds = read?.durationMs ? read.durationMs / 1000 : player.facts?.seconds;
  const { width, height } = read ?? player.facts ?? {};
  const all = [
    Number.isFinite(seconds) && length(/** @type {number} */ (seconds)),
    width && `${width} × ${height}`,
    read?.frameRate && `${Number(read.frameRate.toFixed(2))} fps`,
    Number.isFinite(read?.sizeBytes) && bytes(read.sizeBytes),
    read && [read.videoCodec, read.audioCodec].filter(Boolean).join(' + '),
    read?.container,
  ].filter(Boolean);
  if (!all.length) return html`<p class="hint" role="status">${reading ? 'Reading the video…' : ''}</p>`;
  return html`<ul class="facts" aria-label="Facts of the video">${all.map((fact) => html`<li>${fact}</li>`)}</ul>`;
}

/** The frame itself is the picture: a second, still player stands at it. @param {VideoView} view */
function cover({ form, player, set, now }) {
  const at = (form.cover ?? 0) / 1000;
  const seek = (/** @type {any} */ { target }) => { target.currentTime = at; };
  return html`<div class="cover">
    <video id="cover" src=${player.url} muted preload="auto" tabindex="-1" aria-hidden="true" .currentTime=${at} @loadedmetadata=${seek}></video>
    <div class="stack close"><p><span class="label">Cover</span> <span class="hint">${form.cover ? `at ${length(at)}` : 'first frame'}</span></p>
    <p class="row"><button type="button" class="link" @click=${() => set({ cover: Math.round(now() * 1000) })}>Use current frame</button>
    ${form.cover ? html`<button type="button" class="link" @click=${() => set({ cover: null })}>Use first frame</button>` : nothing}</p></div></div>`;
}
