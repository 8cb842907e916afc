// The form that edits a post before it starts, or after it has failed.

import { clearErrors, el, fieldError, webUrl, withOffset } from './dom.js';

const ALL = ['videoUrl', 'caption', 'title', 'publishAt'];

// Returns the fields that can be changed now. If the post is published on another account, only the video's URL can.
export function editable(post) {
  const waits = ({ state, step }) => ['queued', 'held', 'cancelled'].includes(state) && !step;
  if (post.state !== 'cancelled' && post.results.every(waits)) return Date.parse(post.publishAt) > Date.now() ? ALL : [];
  if (post.state === 'failed' || post.state === 'expired') return ALL.filter((name) => name !== 'publishAt');
  return post.state === 'partial' && post.results.some(({ state }) => state === 'failed' || state === 'expired') ? ['videoUrl'] : [];
}

// `save` receives the changes, with the version they are based on.
export function editor(post, save, close) {
  const fields = editable(post);
  const id = (name) => `edit-${post.id}-${name}`;
  const place = (name, text, input) => fields.includes(name) && el('div', { class: 'field', 'data-field': name },
    el('label', { for: id(name) }, text), input, el('p', { class: 'field-error', hidden: true }));
  const common = (name) => ({ id: id(name), 'data-key': `edit-${name}` });
  const due = withOffset(new Date(post.publishAt)).slice(0, 16);

  const inputs = {
    videoUrl: el('input', { ...common('videoUrl'), type: 'url', inputmode: 'url', autocomplete: 'off', spellcheck: 'false', value: post.videoUrl }),
    caption: el('textarea', { ...common('caption'), rows: 3, value: post.caption }),
    title: el('input', { ...common('title'), type: 'text', autocomplete: 'off', value: post.title ?? '' }),
    publishAt: el('input', { ...common('publishAt'), type: 'datetime-local', value: due }),
  };
  const other = el('p', { class: 'field-error', role: 'alert', hidden: true });
  const submit = el('button', { class: 'primary', 'data-key': 'edit-save' }, 'Save');
  const node = el('form', { class: 'edit', novalidate: true, 'aria-label': 'Edit the post' },
    place('videoUrl', 'Video URL', inputs.videoUrl),
    place('caption', 'Caption', inputs.caption),
    place('title', 'Title (YouTube, Facebook)', inputs.title),
    place('publishAt', 'Date and time', inputs.publishAt),
    other,
    el('div', { class: 'row' }, submit, el('button', { type: 'button', 'data-key': 'edit-close', onclick: close }, 'Cancel')));

  function show(field, text) {
    // An error of a single account, such as `results[0].youtube.title`, has no field here.
    if (fieldError(node, field ?? '', text)) return;
    other.textContent = text;
    other.hidden = false;
  }

  function read() {
    const changed = { version: post.version };
    for (const name of fields) {
      const { value } = inputs[name];
      if (name === 'publishAt') {
        if (value && value !== due) changed.publishAt = withOffset(new Date(value));
      } else if (value !== (post[name] ?? '')) changed[name] = name === 'videoUrl' ? value.trim() : value;
    }
    return changed;
  }

  node.addEventListener('input', ({ target }) => clearErrors(target.closest('[data-field]') ?? node));
  node.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (submit.getAttribute('aria-disabled') === 'true') return;
    clearErrors(node);
    if (!webUrl(inputs.videoUrl.value.trim())) return show('videoUrl', 'Enter the video’s web address, starting with https://.');
    if (fields.includes('publishAt') && !inputs.publishAt.value) return show('publishAt', 'Choose a date and time.');
    submit.setAttribute('aria-disabled', 'true');
    try {
      await save(read());
    } catch (error) {
      show(error.field, error.sentence ?? error.message);
    }
    submit.removeAttribute('aria-disabled');
  });
  return { node, first: () => inputs[fields[0]].focus() };
}
