// Helpers that build the page. Data becomes text only, and only web URLs become href and src.

export const $ = (id) => document.getElementById(id);

export function webUrl(value) {
  try {
    const url = new URL(String(value));
    return url.protocol === 'https:' || url.protocol === 'http:' ? url.href : null;
  } catch {
    return null;
  }
}

export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === 'onclick' || name === 'onchange' || name === 'onerror') node.addEventListener(name.slice(2), value);
    else if (name === 'href' || name === 'src') setUrl(node, name, value);
    else if (name === 'value' || name === 'checked' || name === 'disabled' || name === 'hidden') node[name] = value;
    else node.setAttribute(name, value === true ? '' : String(value));
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

export function setUrl(node, name, value) {
  const url = webUrl(value);
  if (url) node.setAttribute(name, url);
  else node.removeAttribute(name);
}

export const link = (href, text) => el('a', { href, target: '_blank', rel: 'noopener noreferrer' }, text);

export function avatar(url, name, size = '') {
  const initial = (Array.from(name.replace(/^@/, '').trim())[0] ?? '?').toUpperCase();
  const box = el('span', { class: `avatar ${size}`, 'aria-hidden': 'true' }, initial);
  if (webUrl(url)) {
    box.append(el('img', { src: url, alt: '', referrerpolicy: 'no-referrer', onerror: (event) => event.target.remove() }));
  }
  return box;
}

export const nameOf = (account) =>
  account.accountMetadata?.displayName || account.username || account.accountId || 'Account';

export const handleOf = (account) => (account.username ? `@${account.username.replace(/^@/, '')}` : '');

const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });
const moment = new Intl.DateTimeFormat(undefined, { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric', hour: 'numeric', minute: '2-digit' });

export const count = (number) => compact.format(number);

export function when(text) {
  const date = new Date(text);
  return Number.isNaN(date.getTime()) ? '' : moment.format(date);
}

// Returns when a pause of this many seconds ends. The exact time is left out where it does not matter.
export function soon(seconds) {
  return seconds < 90 ? 'in a minute' : `after ${when(new Date(Date.now() + seconds * 1000))}`;
}

export function bytes(number) {
  const units = ['B', 'kB', 'MB', 'GB'];
  let unit = 0;
  let value = number;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value.toFixed(unit === 0 || value >= 100 ? 0 : 1)} ${units[unit]}`;
}

export function length(seconds) {
  if (seconds < 60) return `${Number(seconds.toFixed(1))} s`;
  const rest = Math.round(seconds % 60);
  return rest ? `${Math.floor(seconds / 60)} min ${rest} s` : `${Math.floor(seconds / 60)} min`;
}

// Returns the local time with this browser's offset on that day, so that it is unambiguous.
export function withOffset(date) {
  const two = (number) => String(number).padStart(2, '0');
  const offset = -date.getTimezoneOffset();
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return `${day}T${time}${offset < 0 ? '-' : '+'}${two(Math.floor(Math.abs(offset) / 60))}:${two(Math.abs(offset) % 60)}`;
}

export function fieldError(root, name, text) {
  const field = root.querySelector(`[data-field="${CSS.escape(name)}"]`);
  const place = field?.querySelector(':scope > .field-error');
  if (!place) return null;
  place.id ||= `error-${crypto.randomUUID()}`;
  place.textContent = place.textContent ? `${place.textContent} ${text}` : text;
  place.hidden = false;
  for (const control of field.querySelectorAll('input, select, textarea')) {
    control.setAttribute('aria-invalid', 'true');
    const described = new Set((control.getAttribute('aria-describedby') ?? '').split(' ').filter(Boolean));
    control.setAttribute('aria-describedby', [...described.add(place.id)].join(' '));
  }
  return field;
}

export function clearErrors(root) {
  for (const place of root.querySelectorAll('.field-error')) {
    place.textContent = '';
    place.hidden = true;
  }
  for (const control of root.querySelectorAll('[aria-invalid]')) control.removeAttribute('aria-invalid');
}

export function announce(text) {
  $('announce').textContent = text;
}

export function notice(text, kind = 'info') {
  $('notice-text').textContent = text;
  $('notice').dataset.kind = kind;
  $('notice').hidden = !text;
}

export function confirmed(title, text, yes) {
  const dialog = $('confirm');
  $('confirm-title').textContent = title;
  $('confirm-text').textContent = text;
  $('confirm-yes').textContent = yes;
  dialog.returnValue = 'no';
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'), { once: true });
  });
}
