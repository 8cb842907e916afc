// @ts-check
// Instagram's choices for a Reel.

import { html, nothing, svg } from '../vendor/lit.js';
import { webUrl } from '../elements/format.js';
import { box, pick, text } from './controls.js';

const namesOf = (/** @type {string} */ value) => value.split(/[\s,]+/).map((name) => name.replace(/^@/, '')).filter(Boolean);

/** @type {import('./index.js').Platform} */
export const instagram = {
  id: 'instagram',
  label: 'Instagram',
  about: 'Publish Reels on a business or creator account.',
  mark: ['#a3338f', svg`<rect x="5.5" y="5.5" width="13" height="13" rx="4" fill="none" stroke="#fff" stroke-width="1.9"/><circle cx="12" cy="12" r="3.1" fill="none" stroke="#fff" stroke-width="1.9"/><circle cx="15.6" cy="8.4" r="1.1" fill="#fff"/>`],
  noAccount: 'We found no Instagram account that can publish. Personal accounts can’t: switch it to a business or creator account, then connect again.',
  titled: false,
  player: (url) => `${url.replace(/[?#].*$/, '').replace(/\/?$/, '/')}embed`,
  counts: [['followerCount', 'follower', 'followers'], ['videoCount', 'post', 'posts']],
  caption: { most: 2200, unit: 'characters', of: (value) => [...value].length },
  asks: true,
  cover: true,
  chooses: false,

  initial: () => ({ feed: true, coverUrl: '', collaborators: '' }),
  merge: (all) => all[0],
  adopt: (choice) => choice,
  needsOptions: () => false,
  blocked: () => '',

  problems({ choice }) {
    /** @type {[string, string, string?][]} */
    const found = [];
    if (choice.coverUrl.trim() && !webUrl(choice.coverUrl.trim())) found.push(['cover_url', 'Enter the image’s web address, starting with https://.', 'error']);
    if (namesOf(choice.collaborators).length > 3) found.push(['collaborators', 'Invite up to three people.', 'error']);
    return found;
  },

  place: (field) => field,

  read(choice, { cover }) {
    const names = namesOf(choice.collaborators);
    return {
      share_to_feed: choice.feed,
      ...(choice.coverUrl.trim() ? { cover_url: choice.coverUrl.trim() } : cover !== null && { thumb_offset: cover }),
      ...(names.length && { collaborators: names }),
    };
  },

  summary: (choice) => [choice.feed ? 'Reel, also in feed' : 'Reel', namesOf(choice.collaborators).length && 'with collaborators'].filter(Boolean).join(' · '),
  consent: () => null,

  template({ choice, remote, set, id, error }) {
    const { quota_usage: used, quota_total: total } = remote?.options ?? {};
    return html`
      ${Number.isFinite(used) && Number.isFinite(total) ? html`<p class="hint">${used < total ? `${used} of ${total} posts used in the last 24 hours.`
        : `All ${total} posts of the last 24 hours are used. The Reel will wait until there is room.`}</p>` : nothing}
      ${pick('Also share to feed', box(choice.feed, (feed) => set({ feed })))}
      ${text({ id: id('cover'), label: 'Cover image', value: choice.coverUrl, type: 'url', placeholder: 'https://', set: (coverUrl) => set({ coverUrl }),
        hint: 'A public link to a JPEG of up to 8 MB. It is used instead of the cover frame.', error: error('cover_url'), errorId: id('cover_url-error') })}
      ${text({ id: id('with'), label: 'Invite collaborators', value: choice.collaborators, placeholder: 'name, other.name', set: (collaborators) => set({ collaborators }),
        hint: 'Up to three user names, separated by commas.', error: error('collaborators'), errorId: id('collaborators-error') })}
      ${error('options')}`;
  },
};
