// The Instagram options of a Reel.

import { postingOptions } from './api.js';
import { avatar, el, handleOf, nameOf } from './dom.js';

export class InstagramOptions {
  constructor(account, { changed, coverPosition }) {
    this.account = account;
    this.changed = changed;
    this.build(coverPosition);
    this.load();
  }

  // The used part of the day's quota; publishing works without it.
  async load() {
    try {
      const { quota_usage: used, quota_total: total } = (await postingOptions(this.account.id)).options;
      if (Number.isFinite(used) && Number.isFinite(total)) {
        this.quota.textContent = used < total
          ? `${used} of ${total} posts used in the last 24 hours.`
          : `All ${total} posts of the last 24 hours are used. The Reel will wait until there is room.`;
      }
    } catch { this.quota.textContent = ''; }
  }

  build(coverPosition) {
    const id = (name) => `instagram-${this.account.id}-${name}`;
    const onchange = () => this.changed();
    const tick = (name, checked) => el('input', { type: 'checkbox', id: id(name), checked, onchange });
    const pick = (input, text) => el('label', { class: 'pick' }, input, ' ', text);
    const error = () => el('p', { class: 'field-error', hidden: true });

    this.feed = tick('feed', true);
    this.ai = tick('ai', false);
    this.cover = el('input', { type: 'number', id: id('cover'), min: 0, step: 0.1, inputmode: 'decimal', onchange });
    this.coverUrl = el('input', { type: 'url', id: id('cover-url'), placeholder: 'https://', onchange });
    this.collaborators = el('input', { type: 'text', id: id('with'), placeholder: 'name, other.name', autocomplete: 'off', onchange });
    this.quota = el('p', { class: 'hint', role: 'status' });
    this.element = el('section', { class: 'platform-options', 'aria-label': `Instagram options for ${nameOf(this.account)}`, 'data-account': this.account.id },
      el('div', { class: 'who-posts' }, avatar(this.account.accountMetadata?.avatarUrl, nameOf(this.account), 'small'),
        el('p', {}, 'Publishing a Reel on Instagram as ', el('strong', {}, nameOf(this.account)), ` ${handleOf(this.account)}`)),
      this.quota,
      el('div', { class: 'field', 'data-field': 'share_to_feed' }, pick(this.feed, 'Also share to feed'), error()),
      el('div', { class: 'field', 'data-field': 'is_ai_generated' }, pick(this.ai, 'Label as AI-generated'), error()),
      el('div', { class: 'field', 'data-field': 'thumb_offset' },
        el('label', { for: id('cover') }, 'Cover frame, in seconds'),
        el('div', { class: 'row' }, this.cover, el('button', {
          type: 'button',
          onclick: () => { this.cover.value = coverPosition().toFixed(1); this.changed(); },
        }, 'Use current frame')),
        el('p', { class: 'hint' }, 'Leave empty for the first frame.'), error()),
      el('div', { class: 'field', 'data-field': 'cover_url' },
        el('label', { for: id('cover-url') }, 'Or a cover image'), this.coverUrl,
        el('p', { class: 'hint' }, 'A public link to a JPEG of up to 8 MB. It is used instead of the frame.'), error()),
      el('div', { class: 'field', 'data-field': 'collaborators' },
        el('label', { for: id('with') }, 'Invite collaborators'), this.collaborators,
        el('p', { class: 'hint' }, 'Up to three user names, separated by commas.'), error()));
  }

  static consent() { return null; }

  get blocked() { return ''; }

  get caption() { return { most: 2200, unit: 'characters', of: (text) => [...text].length }; }

  place(field) {
    return this.element.querySelector(`[data-field="${CSS.escape(field)}"]`) ? field : 'share_to_feed';
  }

  get names() {
    return this.collaborators.value.split(/[\s,]+/).map((name) => name.replace(/^@/, '')).filter(Boolean);
  }

  problems(videoSeconds) {
    const found = [];
    const offset = Number(this.cover.value);
    if (!this.cover.validity.valid && !this.cover.validity.stepMismatch) found.push(['thumb_offset', 'Enter the seconds as a number, 0 or more.']);
    else if (this.cover.value !== '' && videoSeconds && offset >= videoSeconds) found.push(['thumb_offset', 'Choose a frame within the video.']);
    if (!this.coverUrl.validity.valid) found.push(['cover_url', 'Enter the image’s web address, starting with https://.']);
    if (this.names.length > 3) found.push(['collaborators', 'Invite up to three people.']);
    return found;
  }

  read() {
    const body = { share_to_feed: this.feed.checked, is_ai_generated: this.ai.checked };
    if (this.coverUrl.value.trim()) body.cover_url = this.coverUrl.value.trim();
    else if (this.cover.value !== '') body.thumb_offset = Math.round(Number(this.cover.value) * 1000);
    if (this.names.length) body.collaborators = this.names;
    return body;
  }
}
