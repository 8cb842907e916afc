// @ts-check
// Facebook's choices. Meta requires the page to say where the video will appear, and every post is public.

import { html, svg } from '../vendor/lit.js';
import { nameOf } from '../elements/format.js';
import { pick } from './controls.js';

/** @type {import('./index.js').Platform} */
export const facebook = {
  id: 'facebook',
  label: 'Facebook',
  about: 'Publish Reels and videos on the Pages you run.',
  mark: ['#1559b7', svg`<path d="M15.6 6.2h-1.4c-1.3 0-2 .8-2 2V19M9 12h6" fill="none" stroke="#fff" stroke-width="2.4" stroke-linecap="round"/>`],
  noAccount: 'We found no Facebook Page that you can publish on. Choose a Page when you connect, or ask its owner for access.',
  accounts: 'Pages',
  titled: true,
  player: (url) => `https://www.facebook.com/plugins/video.php?href=${encodeURIComponent(url)}`,
  counts: [['followerCount', 'follower', 'followers']],
  caption: { most: 63206, unit: 'characters', of: (value) => [...value].length },
  asks: false,
  cover: false,
  chooses: false,

  initial: () => ({ surface: '' }),
  merge: (all) => all[0],
  adopt: (choice) => choice,
  needsOptions: () => false,
  blocked: () => '',
  problems: ({ choice, seconds }) => (choice.surface === 'reel' && seconds > 90
    ? [['surface', 'A Reel can be up to 90 seconds long. Trim the video or choose automatically.', 'error']] : []),
  place: (field) => field,
  read: (choice) => (choice.surface ? { surface: choice.surface } : {}),
  summary: (choice) => (choice.surface === 'reel' ? 'As a Reel, public' : 'Reel or video, public'),
  consent: () => null,

  template({ account, choice, set, id, error }) {
    const surface = (/** @type {string} */ value, /** @type {string} */ words) => pick(words, html`
      <input type="radio" name=${id('surface')} .checked=${choice.surface === value} @change=${() => set({ surface: value })}>`);
    return html`
      <p class="hint">Publishing on the Facebook Page <strong>${nameOf(account)}</strong>, for everyone to see.</p>
      <fieldset class="field"><legend>Where it appears</legend>
        <div class="row">${surface('', 'Choose automatically')}${surface('reel', 'As a Reel only')}</div>
        <p class="hint">Vertical videos of up to 90 seconds appear as Reels, all others as videos.</p>${error('surface')}</fieldset>
      ${error('options')}`;
  },
};
