// @ts-check
// YouTube's choices: a title, who can view the video, and its owner's declarations.

import { html, nothing, svg } from '../vendor/lit.js';
import { length } from '../elements/format.js';
import { box, link, pick, text } from './controls.js';

/** @type {Record<string, string>} */
const PRIVACY = { public: 'Everyone', unlisted: 'Everyone who has the link', private: 'Only me' };
const TITLE_MOST = 100;
const TAGS_MOST = 500;
const UNVERIFIED_SECONDS = 15 * 60;
// The categories of the United States (videoCategories.list); others can be given by their number through the API.
/** @type {Record<string, string>} */
const CATEGORIES = {
  1: 'Film & Animation', 2: 'Autos & Vehicles', 10: 'Music', 15: 'Pets & Animals', 17: 'Sports', 19: 'Travel & Events',
  20: 'Gaming', 22: 'People & Blogs', 23: 'Comedy', 24: 'Entertainment', 25: 'News & Politics', 26: 'Howto & Style',
  27: 'Education', 28: 'Science & Technology', 29: 'Nonprofits & Activism',
};
const TERMS = link('https://www.youtube.com/t/terms', 'YouTube Terms of Service');
const GUIDELINES = link('https://www.youtube.com/howyoutubeworks/policies/community-guidelines/', 'Community Guidelines');

const tagsOf = (/** @type {string} */ value) => value.split(',').map((tag) => tag.trim()).filter(Boolean);

/** @type {import('./index.js').Platform} */
export const youtube = {
  id: 'youtube',
  label: 'YouTube',
  about: 'Publish videos and Shorts to a channel.',
  mark: ['#d3261c', svg`<path d="M9 7.4v9.2l8-4.6z" fill="#fff"/>`],
  noAccount: 'This Google account has no YouTube channel. Create one at youtube.com, then connect again.',
  titled: true,
  player: (_url, id) => id && `https://www.youtube.com/embed/${encodeURIComponent(id)}`,
  counts: [['followerCount', 'subscriber', 'subscribers'], ['videoCount', 'video', 'videos']],
  caption: { most: 5000, unit: 'bytes', of: (value) => new TextEncoder().encode(value).length },
  asks: true,
  cover: false,
  chooses: true,

  initial: () => ({ title: '', privacy: '', kids: '', synthetic: false, paid: false, tags: '', category: '', notify: true }),
  merge: (all) => ({ ...all[0], longUploadsStatus: all.every((each) => !each.longUploadsStatus || each.longUploadsStatus === 'allowed') ? 'allowed' : 'eligible' }),
  adopt: (choice) => choice,
  needsOptions: () => false,
  blocked: () => '',

  problems({ choice, remote, seconds, caption }) {
    /** @type {[string, string, string?][]} */
    const found = [];
    if (!choice.title.trim() && !caption.trim()) found.push(['title', 'Add a title, or a caption whose first line can be the title.']);
    if (!choice.privacy) found.push(['privacyStatus', 'Choose who can view this video.']);
    if (!choice.kids) found.push(['selfDeclaredMadeForKids', 'Choose whether this video is made for kids.']);
    const tags = tagsOf(choice.tags);
    const counted = tags.reduce((sum, tag) => sum + tag.length + (tag.includes(' ') ? 2 : 0), Math.max(tags.length - 1, 0));
    if (counted > TAGS_MOST) found.push(['tags', `The tags are too long (${counted} of ${TAGS_MOST} characters). Remove some.`, 'error']);
    const status = remote?.options?.longUploadsStatus;
    if (status && status !== 'allowed' && seconds > UNVERIFIED_SECONDS) {
      found.push(['videoUrl', `The video is ${length(seconds)} long. Until it is verified, this channel can post up to ${length(UNVERIFIED_SECONDS)}.`, 'error']);
    }
    return found;
  },

  place: (field) => (field === 'hasPaidProductPlacement' ? 'containsSyntheticMedia' : field),

  read(choice, { ai }) {
    return {
      hasPaidProductPlacement: choice.paid,
      notifySubscribers: choice.notify,
      ...(choice.synthetic && !ai && { containsSyntheticMedia: true }),
      ...(choice.title.trim() && { title: choice.title.trim() }),
      ...(tagsOf(choice.tags).length && { tags: tagsOf(choice.tags) }),
      ...(choice.privacy && { privacyStatus: choice.privacy }),
      ...(choice.category && { categoryId: choice.category }),
      ...(choice.kids && { selfDeclaredMadeForKids: choice.kids === 'yes' }),
    };
  },

  summary(choice) {
    const parts = [choice.privacy && PRIVACY[choice.privacy], choice.kids && (choice.kids === 'yes' ? 'made for kids' : 'not made for kids'), choice.title];
    return parts.filter(Boolean).join(' · ') || 'Nothing chosen yet';
  },

  consent: () => ({
    wording: 'By posting, you certify that the video complies with the YouTube Terms of Service, its Community Guidelines included, and that it violates no one’s copyright or privacy.',
    shown: html`By posting, you certify that the video complies with the ${TERMS}, its ${GUIDELINES} included, and that it violates no one’s copyright or privacy.`,
  }),

  template({ choice, remote, set, id, error, retry, ai }) {
    const status = remote?.options?.longUploadsStatus;
    const kids = (/** @type {string} */ value, /** @type {string} */ words) => pick(words, html`
      <input type="radio" name=${id('kids')} .checked=${choice.kids === value} @change=${() => set({ kids: value })}>`);
    return html`
      ${status && status !== 'allowed' ? html`<p class="hint">Until it is verified, this channel can post videos of up to ${length(UNVERIFIED_SECONDS)}.</p>` : nothing}
      ${remote?.error ? html`<p class="error">${remote.error} <button type="button" class="link" @click=${retry}>Try again</button></p>` : nothing}
      ${text({ id: id('title'), label: 'Title', value: choice.title, most: TITLE_MOST, set: (title) => set({ title }), error: error('title'), errorId: id('title-error'),
        hint: `Up to ${TITLE_MOST} characters. Leave empty to use the first line of the caption. The caption becomes the description.` })}
      <div class="field"><label for=${id('privacy')}>Who can view this video</label>
        <select id=${id('privacy')} required aria-invalid=${error('privacyStatus') ? 'true' : nothing} @change=${(/** @type {any} */ event) => set({ privacy: event.target.value })}>
          <option value="" .selected=${!choice.privacy}>Choose …</option>
          ${Object.entries(PRIVACY).map(([value, words]) => html`<option value=${value} .selected=${choice.privacy === value}>${words}</option>`)}
        </select>${error('privacyStatus')}</div>
      <fieldset class="field"><legend>Is this video made for kids?</legend>
        <div class="row">${kids('yes', 'Yes')}${kids('no', 'No')}</div>
        <p class="hint">You have to choose one (required by law).</p>${error('selfDeclaredMadeForKids')}</fieldset>
      <details><summary>More for YouTube</summary><div class="stack">
        <fieldset class="field"><legend>Content disclosure</legend>
          ${pick('It shows realistic content that is altered or synthetic', box(choice.synthetic || ai, (synthetic) => set({ synthetic }), ai))}
          ${ai ? html`<p class="hint">Set by the AI label of the post.</p>` : nothing}
          ${pick('It includes paid promotion', box(choice.paid, (paid) => set({ paid })))}${error('containsSyntheticMedia')}</fieldset>
        ${text({ id: id('tags'), label: 'Tags', value: choice.tags, set: (tags) => set({ tags }), hint: 'Separated by commas.', error: error('tags'), errorId: id('tags-error') })}
        <div class="field"><label for=${id('category')}>Category</label>
          <select id=${id('category')} @change=${(/** @type {any} */ event) => set({ category: event.target.value })}>
            <option value="">None</option>
            ${Object.entries(CATEGORIES).map(([value, words]) => html`<option value=${value} .selected=${choice.category === value}>${words}</option>`)}
          </select>${error('categoryId')}</div>
        ${pick('Notify subscribers', box(choice.notify, (notify) => set({ notify })))}
      </div></details>${error('options')}`;
  },
};
