// The YouTube options of a video: a title, its visibility, and its owner's declarations, all chosen by the person.

import { postingOptions } from './api.js';
import { avatar, el, handleOf, length, link, nameOf } from './dom.js';

const PRIVACY = { public: 'Everyone', unlisted: 'Everyone who has the link', private: 'Only me' };
const TITLE_MOST = 100;
const TAGS_MOST = 500;
const UNVERIFIED_SECONDS = 15 * 60;
// The categories of the United States (videoCategories.list); others can be given by their number through the API.
const CATEGORIES = {
  1: 'Film & Animation', 2: 'Autos & Vehicles', 10: 'Music', 15: 'Pets & Animals', 17: 'Sports', 19: 'Travel & Events',
  20: 'Gaming', 22: 'People & Blogs', 23: 'Comedy', 24: 'Entertainment', 25: 'News & Politics', 26: 'Howto & Style',
  27: 'Education', 28: 'Science & Technology', 29: 'Nonprofits & Activism',
};
const TERMS = () => link('https://www.youtube.com/t/terms', 'YouTube Terms of Service');
const GUIDELINES = () => link('https://www.youtube.com/howyoutubeworks/policies/community-guidelines/', 'Community Guidelines');

export class YouTubeOptions {
  constructor(account, { changed }) {
    this.account = account;
    this.changed = changed;
    this.mayBeLong = true;
    this.build();
    this.load();
  }

  static consent(forms) {
    return forms.length ? ['By posting, you certify that the video complies with the ', TERMS(), ', its ', GUIDELINES(),
      ' included, and that it violates no one’s copyright or privacy.'] : null;
  }

  async load() {
    try {
      const { longUploadsStatus } = (await postingOptions(this.account.id)).options ?? {};
      this.mayBeLong = !longUploadsStatus || longUploadsStatus === 'allowed';
      this.trouble.replaceChildren();
    } catch (error) {
      this.trouble.replaceChildren(el('p', { class: 'field-error' }, error.sentence ?? error.message, ' ',
        el('button', { type: 'button', class: 'quiet', onclick: () => this.load() }, 'Try again')));
    }
    this.limit.textContent = this.mayBeLong ? '' : `Until it is verified, this channel can post videos of up to ${length(UNVERIFIED_SECONDS)}.`;
  }

  build() {
    const id = (name) => `youtube-${this.account.id}-${name}`;
    const onchange = () => this.changed();
    const tick = (name, checked = false) => el('input', { type: 'checkbox', id: id(name), checked, onchange });
    const pick = (input, text) => el('label', { class: 'pick' }, input, ' ', text);
    const error = () => el('p', { class: 'field-error', hidden: true });
    const kids = (value) => el('input', { type: 'radio', name: id('kids'), value, onchange });
    const choice = (options) => Object.entries(options).map(([value, text]) => el('option', { value }, text));

    this.title = el('input', { type: 'text', id: id('title'), maxlength: TITLE_MOST, autocomplete: 'off', onchange });
    this.tags = el('input', { type: 'text', id: id('tags'), autocomplete: 'off', onchange });
    this.privacy = el('select', { id: id('privacy'), required: true, onchange },
      el('option', { value: '' }, 'Choose …'), choice(PRIVACY));
    this.category = el('select', { id: id('category'), onchange }, el('option', { value: '' }, 'None'), choice(CATEGORIES));
    this.forKids = kids('yes');
    this.notForKids = kids('no');
    this.synthetic = tick('synthetic');
    this.paid = tick('paid');
    this.notify = tick('notify', true);
    this.trouble = el('div', { role: 'status' });
    this.limit = el('p', { class: 'hint' });

    const name = nameOf(this.account);
    this.element = el('section', { class: 'platform-options', 'aria-label': `YouTube options for ${name}`, 'data-account': this.account.id },
      el('div', { class: 'who-posts' }, avatar(this.account.accountMetadata?.avatarUrl, name, 'small'),
        el('p', {}, 'Posting to YouTube as ', el('strong', {}, name), handleOf(this.account) && ` ${handleOf(this.account)}`)),
      this.limit, this.trouble,
      el('div', { class: 'stack' },
        el('div', { class: 'field', 'data-field': 'title' },
          el('label', { for: id('title') }, 'Title'), this.title,
          el('p', { class: 'hint' }, `Up to ${TITLE_MOST} characters. Leave empty to use the first line of the caption. The caption becomes the description.`), error()),
        el('div', { class: 'field', 'data-field': 'privacyStatus' },
          el('label', { for: id('privacy') }, 'Who can view this video'), this.privacy, error()),
        el('fieldset', { class: 'field', 'data-field': 'selfDeclaredMadeForKids' },
          el('legend', {}, 'Is this video made for kids?'),
          el('div', { class: 'row' }, pick(this.forKids, 'Yes'), pick(this.notForKids, 'No')),
          el('p', { class: 'hint' }, 'You have to choose one (required by law).'), error()),
        el('fieldset', { class: 'field', 'data-field': 'containsSyntheticMedia' },
          el('legend', {}, 'Content disclosure'),
          pick(this.synthetic, 'It shows realistic content that is altered or synthetic'),
          pick(this.paid, 'It includes paid promotion'), error()),
        el('div', { class: 'field', 'data-field': 'tags' },
          el('label', { for: id('tags') }, 'Tags'), this.tags,
          el('p', { class: 'hint' }, 'Separated by commas.'), error()),
        el('div', { class: 'field', 'data-field': 'categoryId' },
          el('label', { for: id('category') }, 'Category'), this.category, error()),
        el('div', { class: 'field', 'data-field': 'notifySubscribers' }, pick(this.notify, 'Notify subscribers'), error())));
  }

  get blocked() { return ''; }

  get caption() { return { most: 5000, unit: 'bytes', of: (text) => new TextEncoder().encode(text).length }; }

  place(field) {
    const alias = { hasPaidProductPlacement: 'containsSyntheticMedia' };
    const name = alias[field] ?? field;
    return this.element.querySelector(`[data-field="${CSS.escape(name)}"]`) ? name : 'title';
  }

  get tagList() { return this.tags.value.split(',').map((tag) => tag.trim()).filter(Boolean); }

  problems(videoSeconds, caption) {
    const found = [];
    if (!this.title.value.trim() && !caption.trim()) found.push(['title', 'Add a title, or a caption whose first line can be the title.']);
    if (!this.privacy.value) found.push(['privacyStatus', 'Choose who can view this video.']);
    if (!this.forKids.checked && !this.notForKids.checked) found.push(['selfDeclaredMadeForKids', 'Choose whether this video is made for kids.']);
    const tags = this.tagList;
    const counted = tags.reduce((sum, tag) => sum + tag.length + (tag.includes(' ') ? 2 : 0), Math.max(tags.length - 1, 0));
    if (counted > TAGS_MOST) found.push(['tags', `The tags are too long (${counted} of ${TAGS_MOST} characters). Remove some.`]);
    if (!this.mayBeLong && videoSeconds > UNVERIFIED_SECONDS) {
      found.push(['title', `The video is ${length(videoSeconds)} long. Until it is verified, this channel can post up to ${length(UNVERIFIED_SECONDS)}.`]);
    }
    return found;
  }

  read() {
    const body = {
      containsSyntheticMedia: this.synthetic.checked,
      hasPaidProductPlacement: this.paid.checked,
      notifySubscribers: this.notify.checked,
    };
    if (this.title.value.trim()) body.title = this.title.value.trim();
    if (this.tagList.length) body.tags = this.tagList;
    if (this.privacy.value) body.privacyStatus = this.privacy.value;
    if (this.category.value) body.categoryId = this.category.value;
    if (this.forKids.checked || this.notForKids.checked) body.selfDeclaredMadeForKids = this.forKids.checked;
    return body;
  }
}
