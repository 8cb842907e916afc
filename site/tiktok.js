// The TikTok options of a video. TikTok requires that the person chooses each one, from the creator's current settings.

import { postingOptions } from './api.js';
import { avatar, el, handleOf, length, link, nameOf } from './dom.js';

const PRIVACY = {
  PUBLIC_TO_EVERYONE: 'Everyone',
  MUTUAL_FOLLOW_FRIENDS: 'Friends (followers you follow back)',
  FOLLOWER_OF_CREATOR: 'Followers',
  SELF_ONLY: 'Only me',
};
const MUSIC = () => link('https://www.tiktok.com/legal/page/global/music-usage-confirmation/en', 'Music Usage Confirmation');
const BRANDED = () => link('https://www.tiktok.com/legal/page/global/bc-policy/en', 'Branded Content Policy');
const NOT_PRIVATE = 'Branded content visibility cannot be set to private.';
const UNDECLARED = 'You need to indicate if your content promotes yourself, a third party, or both.';

export class TikTokOptions {
  constructor(account, { changed, coverPosition }) {
    this.account = account;
    this.changed = changed;
    this.options = null;
    const scopes = account.scopes ?? [];
    this.canDirect = !scopes.length || scopes.includes('video.publish');
    this.canDraft = !scopes.length || scopes.includes('video.upload');
    this.build(coverPosition);
    this.load();
  }

  static consent(forms) {
    const asking = forms.filter((form) => !form.isDraft);
    if (!asking.length) return null;
    return asking.some((form) => form.branded.checked)
      ? ["By posting, you agree to TikTok's ", BRANDED(), ' and ', MUSIC()]
      : ["By posting, you agree to TikTok's ", MUSIC()];
  }

  async load() {
    if (!this.canDirect) return this.update();
    this.options = null;
    this.trouble.replaceChildren(el('p', { class: 'hint' }, 'Loading this account’s TikTok settings…'));
    this.update();
    try {
      this.options = (await postingOptions(this.account.id)).options;
      this.trouble.replaceChildren();
      this.adopt();
    } catch (error) {
      this.trouble.replaceChildren(el('p', { class: 'field-error' }, error.sentence ?? error.message, ' ',
        el('button', { type: 'button', class: 'quiet', onclick: () => this.load() }, 'Try again')));
    }
    this.update();
  }

  build(coverPosition) {
    const id = (name) => `tiktok-${this.account.id}-${name}`;
    const onchange = () => this.update();
    const tick = (name) => el('input', { type: 'checkbox', id: id(name), onchange });
    const pick = (input, text) => el('label', { class: 'pick' }, input, ' ', text);
    const error = () => el('p', { class: 'field-error', hidden: true });
    const mode = (value, checked, disabled) => el('input', { type: 'radio', name: id('mode'), value, checked, disabled, onchange });

    this.direct = mode('DIRECT_POST', this.canDirect, !this.canDirect);
    this.draft = mode('MEDIA_UPLOAD', !this.canDirect, !this.canDraft);
    this.privacy = el('select', { id: id('privacy'), required: true, onchange });
    this.comment = tick('comment');
    this.duet = tick('duet');
    this.stitch = tick('stitch');
    this.aigc = tick('aigc');
    this.disclose = tick('disclose');
    this.ownBrand = tick('own');
    this.branded = tick('branded');
    this.cover = el('input', { type: 'number', id: id('cover'), min: 0, step: 0.1, inputmode: 'decimal', onchange });
    this.privacyHint = el('p', { class: 'hint', hidden: true }, NOT_PRIVATE);
    this.interactionHint = el('p', { class: 'hint', hidden: true });
    this.brandHint = el('p', { class: 'hint', hidden: true }, NOT_PRIVATE);
    this.brandLabel = el('p', { class: 'label-note', role: 'status', hidden: true });
    this.draftHint = el('p', { class: 'hint' },
      'We send the video to the inbox of the TikTok app. Write the caption, choose who can view it and post it there.');
    this.trouble = el('div', { role: 'status' });
    this.limit = el('p', { class: 'hint' });
    this.who = el('div', { class: 'who-posts' });
    this.showCreator(nameOf(this.account), handleOf(this.account), this.account.accountMetadata?.avatarUrl);

    this.brands = el('div', { class: 'nested', hidden: true },
      pick(this.ownBrand, 'Your brand'),
      el('p', { class: 'hint' }, 'You promote yourself or your own business.'),
      pick(this.branded, 'Branded content'),
      el('p', { class: 'hint' }, 'You promote another brand or a third party.'),
      this.brandHint, this.brandLabel);
    this.directOnly = el('div', { class: 'stack' },
      el('div', { class: 'field', 'data-field': 'privacy_level' },
        el('label', { for: id('privacy') }, 'Who can view this video'), this.privacy, this.privacyHint, error()),
      el('fieldset', { class: 'field', 'data-field': 'disable_comment' },
        el('legend', {}, 'Allow viewers to'),
        el('div', { class: 'row' }, pick(this.comment, 'Comment'), pick(this.duet, 'Duet'), pick(this.stitch, 'Stitch')),
        this.interactionHint, error()),
      el('fieldset', { class: 'field', 'data-field': 'brand_content_toggle' },
        el('legend', {}, 'Content disclosure'),
        pick(this.disclose, 'This video promotes goods, services or a brand'), this.brands, error()),
      el('div', { class: 'field', 'data-field': 'is_aigc' }, pick(this.aigc, 'Label as AI-generated'), error()),
      el('div', { class: 'field', 'data-field': 'video_cover_timestamp_ms' },
        el('label', { for: id('cover') }, 'Cover frame, in seconds'),
        el('div', { class: 'row' }, this.cover, el('button', {
          type: 'button',
          onclick: () => { this.cover.value = coverPosition().toFixed(1); this.update(); },
        }, 'Use current frame')),
        el('p', { class: 'hint' }, 'Leave empty for the first frame.'), error()));
    this.element = el('section', { class: 'platform-options', 'aria-label': `TikTok options for ${nameOf(this.account)}`, 'data-account': this.account.id },
      this.who, this.limit, this.trouble,
      el('fieldset', { class: 'field', 'data-field': 'post_mode' },
        el('legend', {}, 'How'),
        el('div', { class: 'row' }, pick(this.direct, 'Post directly'), pick(this.draft, 'Send as a draft')),
        this.draftHint, error()),
      this.directOnly);
  }

  showCreator(name, handle, picture) {
    this.who.replaceChildren(avatar(picture, name, 'small'),
      el('p', {}, 'Posting to TikTok as ', el('strong', {}, name), handle && ` ${handle}`));
  }

  // Applies the creator's current settings; nothing is chosen on the user's behalf.
  adopt() {
    const { options } = this;
    const chosen = this.privacy.value;
    this.showCreator(options.creator_nickname || nameOf(this.account),
      options.creator_username ? `@${options.creator_username}` : '', options.creator_avatar_url);
    const offered = options.privacy_level_options ?? [];
    this.privacy.replaceChildren(el('option', { value: '' }, 'Choose …'),
      ...offered.map((level) => el('option', { value: level }, PRIVACY[level] ?? level)));
    this.privacy.value = offered.includes(chosen) ? chosen : '';
    const off = [[this.comment, options.comment_disabled, 'comments'], [this.duet, options.duet_disabled, 'Duet'], [this.stitch, options.stitch_disabled, 'Stitch']];
    for (const [box, disabled] of off) {
      box.disabled = Boolean(disabled);
      if (disabled) box.checked = false;
    }
    const names = off.filter(([, disabled]) => disabled).map(([, , name]) => name);
    this.interactionHint.textContent = `Turned off in this TikTok account’s settings: ${names.join(', ')}.`;
    this.interactionHint.hidden = !names.length;
    const most = options.max_video_post_duration_sec;
    this.limit.textContent = most ? `This account can post videos of up to ${length(most)}.` : '';
  }

  update() {
    if (!this.disclose.checked) this.ownBrand.checked = this.branded.checked = false;
    const onlyMe = this.privacy.value === 'SELF_ONLY';
    this.directOnly.hidden = this.isDraft || !this.options;
    this.draftHint.hidden = !this.isDraft;
    this.limit.hidden = this.isDraft;
    this.brands.hidden = !this.disclose.checked;
    this.branded.disabled = onlyMe;
    this.branded.parentElement.title = onlyMe ? NOT_PRIVATE : '';
    this.brandHint.hidden = !onlyMe;
    for (const option of this.privacy.options) {
      if (option.value !== 'SELF_ONLY') continue;
      option.disabled = this.branded.checked;
      option.title = this.branded.checked ? NOT_PRIVATE : '';
    }
    this.privacy.title = this.branded.checked ? NOT_PRIVATE : '';
    this.privacyHint.hidden = !this.branded.checked;
    const label = this.branded.checked ? 'Paid partnership' : 'Promotional content';
    this.brandLabel.textContent = `Your photo/video will be labeled as '${label}'`;
    this.brandLabel.hidden = !this.ownBrand.checked && !this.branded.checked;
    this.changed();
  }

  get isDraft() { return this.draft.checked; }
  get undeclared() { return !this.isDraft && this.disclose.checked && !this.ownBrand.checked && !this.branded.checked; }
  get blocked() { return this.undeclared ? UNDECLARED : ''; }
  get caption() { return { most: 2200, unit: 'characters', of: (text) => text.length }; }

  place(field) {
    const alias = { disable_duet: 'disable_comment', disable_stitch: 'disable_comment', brand_organic_toggle: 'brand_content_toggle' };
    const name = alias[field] ?? field;
    return this.element.querySelector(`[data-field="${CSS.escape(name)}"]`) ? name : 'post_mode';
  }

  problems(videoSeconds) {
    if (this.isDraft) return [];
    if (!this.options) return [['post_mode', 'We couldn’t load this account’s TikTok settings. Try again.']];
    const found = [];
    const most = this.options.max_video_post_duration_sec;
    if (!this.privacy.value) found.push(['privacy_level', 'Choose who can view this video.']);
    if (this.undeclared) found.push(['brand_content_toggle', UNDECLARED]);
    if (!this.cover.validity.valid && !this.cover.validity.stepMismatch) found.push(['video_cover_timestamp_ms', 'Enter the seconds as a number, 0 or more.']);
    if (most && videoSeconds > most) found.push(['post_mode', `The video is ${length(videoSeconds)} long. This account can post up to ${length(most)}.`]);
    return found;
  }

  read() {
    if (this.isDraft) return { post_mode: 'MEDIA_UPLOAD' };
    const body = {
      post_mode: 'DIRECT_POST',
      is_aigc: this.aigc.checked,
      disable_comment: !this.comment.checked,
      disable_duet: !this.duet.checked,
      disable_stitch: !this.stitch.checked,
      brand_content_toggle: this.branded.checked,
      brand_organic_toggle: this.ownBrand.checked,
    };
    if (this.privacy.value) body.privacy_level = this.privacy.value;
    if (this.cover.value !== '') body.video_cover_timestamp_ms = Math.round(Number(this.cover.value) * 1000);
    return body;
  }
}
