// @ts-check
// TikTok's choices. TikTok requires that the person makes each one, from the creator's current settings.

import { html, nothing, svg } from '../vendor/lit.js';
import { length } from '../elements/format.js';
import { link, pick } from './controls.js';

/** @type {Record<string, string>} */
const PRIVACY = {
  PUBLIC_TO_EVERYONE: 'Everyone',
  MUTUAL_FOLLOW_FRIENDS: 'Friends (followers you follow back)',
  FOLLOWER_OF_CREATOR: 'Followers',
  SELF_ONLY: 'Only me',
};
const MUSIC = link('https://www.tiktok.com/legal/page/global/music-usage-confirmation/en', 'Music Usage Confirmation');
const BRANDED = link('https://www.tiktok.com/legal/page/global/bc-policy/en', 'Branded Content Policy');
const NOT_PRIVATE = 'Branded content visibility cannot be set to private.';
const UNDECLARED = 'You need to indicate if your content promotes yourself, a third party, or both.';

const isDraft = (/** @type {any} */ choice) => choice.mode === 'MEDIA_UPLOAD';
const undeclared = (/** @type {any} */ choice) => !isDraft(choice) && choice.disclose && !choice.own && !choice.branded;

/** @type {import('./index.js').Platform} */
export const tiktok = {
  id: 'tiktok',
  label: 'TikTok',
  about: 'Publish videos directly, or deliver them as drafts.',
  mark: ['#111', svg`<path d="M13 5v9.2a3 3 0 1 1-3-3M13 5c.2 2.4 1.9 4 4.2 4.1" fill="none" stroke="#fff" stroke-width="2.2" stroke-linecap="round"/>`],
  titled: false,
  player: (_url, id) => id && `https://www.tiktok.com/embed/v2/${encodeURIComponent(id)}`,
  counts: [['followerCount', 'follower', 'followers'], ['videoCount', 'video', 'videos']],
  caption: { most: 2200, unit: 'characters', of: (text) => text.length },
  asks: true,
  cover: true,
  chooses: true,

  initial({ scopes = [] }) {
    const direct = !scopes.length || scopes.includes('video.publish');
    return { mode: direct ? 'DIRECT_POST' : 'MEDIA_UPLOAD', privacy: '', comment: false, duet: false, stitch: false, disclose: false, own: false, branded: false };
  },

  /** Several accounts with the same choices may only choose what all of them offer. */
  merge(all) {
    const [first, ...others] = all;
    const every = (/** @type {string} */ level) => others.every((other) => other.privacy_level_options?.includes(level));
    const any = (/** @type {string} */ name) => all.some((each) => each[name]);
    return {
      ...first,
      privacy_level_options: (first.privacy_level_options ?? []).filter(every),
      comment_disabled: any('comment_disabled'),
      duet_disabled: any('duet_disabled'),
      stitch_disabled: any('stitch_disabled'),
      max_video_post_duration_sec: Math.min(...all.map((each) => each.max_video_post_duration_sec ?? Infinity)),
    };
  },

  /** Applies the creator's current settings; nothing is chosen on the person's behalf. */
  adopt(choice, options) {
    const next = { ...choice };
    if (!options.privacy_level_options?.includes(next.privacy)) next.privacy = '';
    if (options.comment_disabled) next.comment = false;
    if (options.duet_disabled) next.duet = false;
    if (options.stitch_disabled) next.stitch = false;
    return next;
  },

  needsOptions: (choice) => !isDraft(choice),

  blocked(choice, remote) {
    if (undeclared(choice)) return UNDECLARED;
    return !isDraft(choice) && remote?.error ? 'TikTok doesn’t accept direct posts from one of the accounts right now.' : '';
  },

  problems({ choice, remote, seconds, caption }) {
    if (isDraft(choice)) return [];
    if (!remote?.options) return remote?.error ? [['options', '', 'error']] : [['options', 'Wait for this account’s TikTok settings.']];
    /** @type {[string, string, string?][]} */
    const found = [];
    const most = remote.options.max_video_post_duration_sec;
    if (!choice.privacy) found.push(['privacy_level', 'Choose who can view this video.']);
    if (undeclared(choice)) found.push(['brand_content_toggle', UNDECLARED]);
    if (!caption.trim()) found.push(['caption', 'Add a caption.']);
    if (most && seconds > most) found.push(['videoUrl', `The video is ${length(seconds)} long, and this account can post up to ${length(most)}. Trim it.`, 'error']);
    return found;
  },

  place: (field) => (field.startsWith('disable_') ? 'disable_comment' : field === 'brand_organic_toggle' ? 'brand_content_toggle' : field),

  read(choice, { cover }) {
    if (isDraft(choice)) return { post_mode: 'MEDIA_UPLOAD' };
    return {
      post_mode: 'DIRECT_POST',
      ...(choice.privacy && { privacy_level: choice.privacy }),
      disable_comment: !choice.comment,
      disable_duet: !choice.duet,
      disable_stitch: !choice.stitch,
      brand_content_toggle: choice.branded,
      brand_organic_toggle: choice.own,
      ...(cover !== null && { video_cover_timestamp_ms: cover }),
    };
  },

  summary(choice) {
    if (isDraft(choice)) return 'Draft in the TikTok app';
    const allowed = [choice.comment && 'comments', choice.duet && 'Duet', choice.stitch && 'Stitch'].filter(Boolean).join(', ');
    return choice.privacy ? `${PRIVACY[choice.privacy] ?? choice.privacy} · ${allowed || 'no comments, Duet or Stitch'}` : 'Who can view it is not chosen yet';
  },

  /** The words that the person agrees to, and the same with links. */
  consent(choices) {
    const asking = choices.filter((choice) => !isDraft(choice));
    if (!asking.length) return null;
    const branded = asking.some((choice) => choice.branded);
    return {
      wording: `By posting, you agree to TikTok's ${branded ? 'Branded Content Policy and ' : ''}Music Usage Confirmation`,
      shown: html`By posting, you agree to TikTok's ${branded ? html`${BRANDED} and ` : nothing}${MUSIC}`,
    };
  },

  template({ account, choice, remote, set, id, error, retry, setup }) {
    const scopes = account.scopes ?? [];
    const canDirect = !scopes.length || scopes.includes('video.publish');
    const canDraft = !scopes.length || scopes.includes('video.upload');
    const options = remote?.options;
    const draft = isDraft(choice);
    const onlyMe = choice.privacy === 'SELF_ONLY';
    const off = [[options?.comment_disabled, 'comments'], [options?.duet_disabled, 'Duet'], [options?.stitch_disabled, 'Stitch']]
      .filter(([disabled]) => disabled).map(([, name]) => name);
    const mode = (/** @type {string} */ value, /** @type {string} */ text, /** @type {boolean} */ can) => pick(text, html`
      <input type="radio" name=${id('mode')} .checked=${choice.mode === value} ?disabled=${!can} @change=${() => set({ mode: value })}>`);
    const tick = (/** @type {string} */ name, /** @type {string} */ text, /** @type {boolean} */ disabled = false) => pick(text, html`
      <input type="checkbox" .checked=${choice[name]} ?disabled=${disabled} @change=${(/** @type {any} */ event) => set({ [name]: event.target.checked })}>`);
    return html`
      ${options && !draft ? html`<p class="hint">Posting to TikTok as <strong>${options.creator_nickname || account.username}</strong>${options.creator_username ? ` @${options.creator_username}` : ''}.
        ${options.max_video_post_duration_sec < Infinity ? `This account can post videos of up to ${length(options.max_video_post_duration_sec)}.` : ''}</p>` : nothing}
      ${setup?.audited === false && !draft ? html`<p class="hint">TikTok hasn’t audited this app yet. Until then it accepts “Only me”, from private accounts.</p>` : nothing}
      <fieldset class="field"><legend>How</legend>
        <div class="row">${mode('DIRECT_POST', 'Post directly', canDirect)}${mode('MEDIA_UPLOAD', 'Send as a draft', canDraft)}</div>
        ${draft ? html`<p class="hint">We send the video to the inbox of the TikTok app. Write the caption, choose who can view it and post it there.</p>` : nothing}
      </fieldset>
      ${draft ? nothing : html`
        ${remote?.error ? html`<p class="error" data-refusal>${remote.error} <button type="button" class="link" @click=${retry}>Try again</button></p>` : nothing}
        ${!options && !remote?.error ? html`<p class="hint" role="status">Loading this account’s TikTok settings…</p>` : nothing}
        ${!options ? nothing : html`
          <div class="field"><label for=${id('privacy')}>Who can view this video</label>
            <select id=${id('privacy')} required title=${choice.branded ? NOT_PRIVATE : nothing} aria-invalid=${error('privacy_level') ? 'true' : nothing}
              aria-describedby=${error('privacy_level') ? id('privacy_level') : nothing} @change=${(/** @type {any} */ event) => set({ privacy: event.target.value })}>
              <option value="" .selected=${!choice.privacy}>Choose …</option>
              ${(options.privacy_level_options ?? []).map((/** @type {string} */ level) => html`<option value=${level} .selected=${choice.privacy === level}
                ?disabled=${level === 'SELF_ONLY' && choice.branded} title=${level === 'SELF_ONLY' && choice.branded ? NOT_PRIVATE : nothing}>${PRIVACY[level] ?? level}</option>`)}
            </select>
            ${choice.branded ? html`<p class="hint">${NOT_PRIVATE}</p>` : nothing}${error('privacy_level')}</div>
          <fieldset class="field"><legend>Allow viewers to</legend>
            <div class="row">${tick('comment', 'Comment', options.comment_disabled)}${tick('duet', 'Duet', options.duet_disabled)}${tick('stitch', 'Stitch', options.stitch_disabled)}</div>
            ${off.length ? html`<p class="hint">Turned off in this TikTok account’s settings: ${off.join(', ')}.</p>` : nothing}${error('disable_comment')}</fieldset>
          <fieldset class="field"><legend>Content disclosure</legend>
            ${pick('This video promotes goods, services or a brand', html`<input type="checkbox" role="switch" .checked=${choice.disclose}
              @change=${(/** @type {any} */ event) => set(event.target.checked ? { disclose: true } : { disclose: false, own: false, branded: false })}>`)}
            ${choice.disclose ? html`<div class="nested stack close">
              ${tick('own', 'Your brand')}<p class="hint">You promote yourself or your own business.</p>
              <span title=${onlyMe ? NOT_PRIVATE : nothing}>${tick('branded', 'Branded content', onlyMe)}</span><p class="hint">You promote another brand or a third party.</p>
              ${onlyMe ? html`<p class="hint">${NOT_PRIVATE}</p>` : nothing}
              ${choice.own || choice.branded ? html`<p class="notice info" role="status">Your photo/video will be labeled as '${choice.branded ? 'Paid partnership' : 'Promotional content'}'</p>` : nothing}
            </div>` : nothing}${error('brand_content_toggle')}</fieldset>`}`}
      ${error('options')}`;
  },
};
