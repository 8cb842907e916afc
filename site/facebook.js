// The Facebook options of a video. Meta requires the page to say where it will appear, and every post is public.

import { avatar, el, nameOf } from './dom.js';

export class FacebookOptions {
  constructor(account, { changed }) {
    this.account = account;
    this.changed = changed;
    this.build();
  }

  build() {
    const id = (name) => `facebook-${this.account.id}-${name}`;
    const onchange = () => this.changed();
    const pick = (input, text) => el('label', { class: 'pick' }, input, ' ', text);
    const error = () => el('p', { class: 'field-error', hidden: true });
    const surface = (value, checked) => el('input', { type: 'radio', name: id('surface'), value, checked, onchange });

    this.fitting = surface('', true);
    this.reel = surface('reel', false);
    this.ai = el('input', { type: 'checkbox', id: id('ai'), onchange });
    this.element = el('section', { class: 'platform-options', 'aria-label': `Facebook options for ${nameOf(this.account)}`, 'data-account': this.account.id },
      el('div', { class: 'who-posts' }, avatar(this.account.accountMetadata?.avatarUrl, nameOf(this.account), 'small'),
        el('p', {}, 'Publishing on the Facebook Page ', el('strong', {}, nameOf(this.account)), ', for everyone to see')),
      el('fieldset', { class: 'field', 'data-field': 'surface' },
        el('legend', {}, 'Where it appears'),
        el('div', { class: 'row' }, pick(this.fitting, 'Choose automatically'), pick(this.reel, 'As a Reel only')),
        el('p', { class: 'hint' }, 'Vertical videos of up to 90 seconds appear as Reels, all others as videos.'), error()),
      el('div', { class: 'field', 'data-field': 'is_ai_generated' }, pick(this.ai, 'Label as AI-generated'), error()));
  }

  static consent() { return null; }

  get blocked() { return ''; }

  get caption() { return { most: 63206, unit: 'characters', of: (text) => [...text].length }; }

  place(field) {
    return this.element.querySelector(`[data-field="${CSS.escape(field)}"]`) ? field : 'surface';
  }

  problems(videoSeconds) {
    if (this.reel.checked && videoSeconds > 90) return [['surface', 'A Reel can be up to 90 seconds long. Trim the video or choose automatically.']];
    return [];
  }

  read() {
    const body = { is_ai_generated: this.ai.checked };
    if (this.reel.checked) body.surface = 'reel';
    return body;
  }
}
