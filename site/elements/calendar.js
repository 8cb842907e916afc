// @ts-check
// <social-calendar>: a month or a week of posts, moved by dragging or by keys.

import { css, html, nothing } from '../vendor/lit.js';
import { ApiError } from '../vendor/social-publisher.js';
import { labelOf, ordered } from '../platforms/index.js';
import { editable } from './edit.js';
import { SocialElement } from './element.js';
import { localInput, nameOf, sentence, timeOf, when, withOffset, zone } from './format.js';
import { mark } from './marks.js';
import { IDLE_MS, pauseOf } from './session.js';
import { styles } from './styles.js';
import { wordOf } from './words.js';

/** @typedef {import('./session.js').Result} Result */
/** @typedef {import('./session.js').Post} Post */

const DAY_MS = 86_400_000;
// Further posts of a month are not shown.
const MOST = 500;
// A window of a platform holds a post for a day at most.
const LATE_DAYS = 2;
// Several key presses make one change.
const SETTLE_MS = 600;
const MORNING = 7;
// As the container query below.
const NARROW_REM = 44;
const OPEN = ['queued', 'held', 'publishing', 'processing'];

const monthName = new Intl.DateTimeFormat(undefined, { month: 'long', year: 'numeric' });
const dayName = new Intl.DateTimeFormat(undefined, { weekday: 'short', day: 'numeric', month: 'short' });
const range = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', year: 'numeric' });
const weekday = new Intl.DateTimeFormat(undefined, { weekday: 'short' });
const longDay = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' });
// Weeks start where the person's language starts them; Monday where the browser does not say.
const firstDay = (() => {
  const locale = /** @type {any} */ (new Intl.Locale(navigator.language));
  return (locale.getWeekInfo?.() ?? locale.weekInfo)?.firstDay ?? 1;
})();

/** @param {Date} date @param {number} days */
const plus = (date, days) => new Date(date.getFullYear(), date.getMonth(), date.getDate() + days, date.getHours(), date.getMinutes());
/** @param {Date} date */
const dayOf = (date) => new Date(date.getFullYear(), date.getMonth(), date.getDate());
/** @param {Date} date */
const weekOf = (date) => plus(dayOf(date), -((date.getDay() - firstDay + 7) % 7));
/** @param {Date} a @param {Date} b */
const sameDay = (a, b) => dayOf(a).getTime() === dayOf(b).getTime();

/** When a post is shown: what waits for a window stands at the time at which it goes on. @param {Post} post */
export function timeOfPost(post) {
  const published = post.results.map(({ publishedAt }) => publishedAt).filter(Boolean).sort()[0];
  if (published) return new Date(published);
  const waits = post.results.filter(({ state }) => OPEN.includes(state))
    .map((/** @type {any} */ { heldUntil, dueAt }) => Date.parse(heldUntil ?? dueAt ?? '')).filter((/** @type {number} */ time) => !Number.isNaN(time));
  return new Date(Math.max(Date.parse(post.publishAt), waits.length ? Math.min(...waits) : 0));
}

export class SocialCalendar extends SocialElement {
  static styles = [styles, css`
    .frame { container-type: inline-size; }
    .bar { display: flex; flex-wrap: wrap; gap: 0.5rem; align-items: center; justify-content: space-between; }
    .bar h2 { min-width: 10rem; }
    .switch { display: flex; }
    .switch button { border-radius: 0; }
    .switch button:first-child { border-radius: 8px 0 0 8px; }
    .switch button:last-child { border-radius: 0 8px 8px 0; border-left: 0; }
    .switch [aria-pressed="true"] { background: var(--info-tint); color: var(--info); font-weight: 600; }
    table { width: 100%; border-collapse: collapse; table-layout: fixed; background: var(--card); border: 1px solid var(--line); }
    th { padding: 0.5rem; color: var(--soft); font-size: 0.8125rem; font-weight: 600; text-align: left; border-bottom: 1px solid var(--line); }
    td { height: 7rem; padding: 0.375rem; vertical-align: top; border: 1px solid var(--line); }
    .week td { height: 2.75rem; padding: 0.1875rem; }
    .week th[scope="row"], .week thead th:first-child { width: 3.75rem; border-bottom: 1px solid var(--line); }
    td.other { background: var(--page); }
    td.over { outline: 2px dashed var(--accent); outline-offset: -3px; }
    .day { display: flex; justify-content: space-between; align-items: center; min-height: 1.75rem; font-size: 0.875rem; color: var(--soft); }
    .today .number { display: inline-grid; place-items: center; min-width: 1.625rem; height: 1.625rem; padding-inline: 0.25rem; border-radius: 1rem; background: var(--accent); color: var(--on-accent); font-weight: 600; }
    th.today .number, .today .long { padding-inline: 0.5rem; }
    .number .long { display: none; }
    .add { min-height: 1.5rem; width: 1.5rem; padding: 0; border: 0; background: none; color: var(--soft); opacity: 0; }
    td:hover .add, .add:focus-visible { opacity: 1; }
    .posts { display: grid; gap: 0.25rem; grid-template-columns: minmax(0, 1fr); }
    .post { display: block; padding: 0.25rem 0.375rem; border-left: 3px solid currentcolor; border-radius: 4px; background: var(--idle-tint); color: var(--soft); font-size: 0.8125rem; line-height: 1.35; text-decoration: none; overflow: hidden; }
    .post.info { background: var(--info-tint); color: var(--info); }
    .post.good { background: var(--good-tint); color: var(--good); }
    .post.warn { background: var(--warn-tint); color: var(--warn); }
    .post.bad { background: var(--bad-tint); color: var(--bad); }
    .post b { display: block; overflow: hidden; font-weight: 600; text-overflow: ellipsis; white-space: nowrap; }
    .post .line { display: flex; flex-wrap: wrap; gap: 0 0.375rem; align-items: center; }
    .post .marks { display: inline-flex; gap: 0.25rem; }
    .post .mark { width: 0.875rem; height: 0.875rem; border-radius: 3px; }
    .post[draggable="true"] { cursor: grab; }
    .post.moving { opacity: 0.6; }
    @container (max-width: 44rem) {
      table, tbody, tr { display: block; }
      thead, th[scope="row"] { display: none; }
      td { display: none; height: auto !important; padding: 0.625rem !important; border-width: 0 0 1px; }
      td.full, td.today { display: block; }
      .number .short { display: none; }
      .number .long { display: inline; }
      .add { opacity: 1; }
      .post { font-size: 0.9375rem; padding: 0.5rem 0.625rem; }
    }
  `];

  constructor() {
    super();
    this.mode = 'month';
    this.day = dayOf(new Date());
    /** @type {Map<string, Post>} */
    this.posts = new Map();
    this.loaded = false;
    /** @type {unknown} */
    this.trouble = null;
    /** @type {string | null} */
    this.over = null;
    // Where seven columns do not fit, a week is a list of its days.
    this.narrow = false;
    /** @type {Map<string, {to: Date, timer: number}>} */
    this.moves = new Map();
    this.said = '';
  }

  begin() {
    super.begin();
    this.reading = this.watch(() => this.#read());
    const observer = new ResizeObserver(([{ contentRect }]) => {
      const narrow = contentRect.width <= NARROW_REM * Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
      if (narrow === this.narrow) return;
      this.narrow = narrow;
      this.requestUpdate();
    });
    observer.observe(this);
    this.leave.push(() => observer.disconnect());
  }

  /** @param {Post} post */
  took(post) {
    this.posts.set(post.id, post);
    this.requestUpdate();
  }

  get #range() {
    if (this.mode === 'week') return { from: weekOf(this.day), days: 7 };
    const first = new Date(this.day.getFullYear(), this.day.getMonth(), 1);
    const from = weekOf(first);
    const last = new Date(this.day.getFullYear(), this.day.getMonth() + 1, 0);
    return { from, days: Math.ceil((Math.round((last.getTime() - from.getTime()) / DAY_MS) + 1) / 7) * 7 };
  }

  async #read() {
    const { from, days } = this.#range;
    const to = plus(from, days);
    try {
      const { posts } = await this.session.posts({ from: plus(from, -LATE_DAYS).toISOString(), to: to.toISOString() }, MOST);
      this.posts = new Map(posts.map((post) => [post.id, post]));
      this.loaded = true;
      this.trouble = null;
    } catch (error) {
      this.trouble = error;
    }
    this.requestUpdate();
    return this.trouble ? IDLE_MS / 4 : Math.min(IDLE_MS, ...[...this.posts.values()].map(pauseOf));
  }

  /** @param {number} by */
  #turn(by) {
    this.day = this.mode === 'week' ? plus(this.day, 7 * by) : new Date(this.day.getFullYear(), this.day.getMonth() + by, 1);
    this.requestUpdate();
    this.reading?.run();
  }

  /** @param {string} mode */
  #show(mode) {
    this.mode = mode;
    this.requestUpdate();
    this.reading?.run();
  }

  /** @param {Post} post */
  #timeOf(post) {
    return this.moves.get(post.id)?.to ?? timeOfPost(post);
  }

  /** @param {Post} post */
  #canMove(post) {
    return editable(post).includes('publishAt');
  }

  /** Moves a post now on the screen, and after a moment for good. @param {Post} post @param {Date} to @param {number} [pause] */
  #move(post, to, pause = 0) {
    if (to <= new Date()) {
      this.tell('A post can only be moved to a time in the future.', 'bad');
      return;
    }
    clearTimeout(this.moves.get(post.id)?.timer);
    const timer = window.setTimeout(() => this.#save(post.id, to), pause);
    this.moves.set(post.id, { to, timer });
    this.said = when(to);
    this.requestUpdate();
  }

  /** @param {string} id @param {Date} to */
  async #save(id, to) {
    const post = /** @type {Post} */ (this.posts.get(id));
    const from = new Date(/** @type {string} */ (post.publishAt));
    const put = (/** @type {Date} */ time) => this.session.change((api) => api.editPost(id, { version: /** @type {Post} */ (this.posts.get(id)).version, publishAt: withOffset(time) }));
    try {
      if (to.getTime() !== from.getTime()) {
        await put(to);
        const undo = () => put(from).then(() => this.tell(`Back to ${when(from)}.`, 'good'), (error) => this.tellError(error));
        this.tell(`Moved to ${when(to)}.`, 'good', html`<button type="button" class="link" @click=${undo}>Undo</button>`);
      }
    } catch (error) {
      const saved = error instanceof ApiError ? error.post : undefined;
      if (saved) this.session.take(saved);
      this.tell(`${sentence(error)} The post stays at ${when(saved?.publishAt ?? from)}.`, 'bad');
      this.reading?.run();
    }
    if (this.moves.get(id)?.to === to) this.moves.delete(id);
    this.requestUpdate();
  }

  /** @param {KeyboardEvent} event @param {Post} post */
  async #key(event, post) {
    if (!event.altKey || !event.key.startsWith('Arrow')) return;
    event.preventDefault();
    const time = this.#timeOf(post);
    const week = this.mode === 'week';
    /** @type {Record<string, Date>} */
    const to = {
      ArrowLeft: plus(time, -1), ArrowRight: plus(time, 1),
      ArrowUp: week ? new Date(time.getTime() - DAY_MS / 24) : plus(time, -7), ArrowDown: week ? new Date(time.getTime() + DAY_MS / 24) : plus(time, 7),
    };
    this.#move(post, to[event.key], SETTLE_MS);
    await this.updateComplete;
    /** @type {HTMLElement | null} */ (this.renderRoot.querySelector(`[data-post="${post.id}"]`))?.focus();
  }

  /** @param {DragEvent} event @param {Date} day @param {number | null} hour */
  #drop(event, day, hour) {
    event.preventDefault();
    this.over = null;
    const post = this.posts.get(event.dataTransfer?.getData('text/plain') ?? '');
    if (!post) return;
    const time = this.#timeOf(post);
    this.#move(post, new Date(day.getFullYear(), day.getMonth(), day.getDate(), hour ?? time.getHours(), time.getMinutes()));
    this.requestUpdate();
  }

  render() {
    if (this.session.ended) return this.ended();
    const { from, days } = this.#range;
    const week = this.mode === 'week';
    const hours = week && !this.narrow;
    const title = week ? range.formatRange(from, plus(from, 6)) : monthName.format(this.day);
    const button = (/** @type {string} */ mode, /** @type {string} */ text) => html`<button type="button" part="button" aria-pressed=${this.mode === mode ? 'true' : 'false'} @click=${() => this.#show(mode)}>${text}</button>`;
    const today = () => {
      this.day = dayOf(new Date());
      this.#turn(0);
    };
    return html`<div class="frame"><div class="stack">
      <div class="bar">
        <div class="row"><button type="button" part="button" aria-label=${week ? 'Previous week' : 'Previous month'} @click=${() => this.#turn(-1)}>‹</button>
          <button type="button" part="button" aria-label=${week ? 'Next week' : 'Next month'} @click=${() => this.#turn(1)}>›</button>
          <h2 aria-live="polite">${title}</h2></div>
        <div class="row"><button type="button" part="button" @click=${today}>Today</button><div class="switch" role="group" aria-label="View">${button('month', 'Month')}${button('week', 'Week')}</div></div>
      </div>
      ${this.trouble ? html`<p class="error" role="status">${this.loaded ? 'This may be out of date.' : ''} ${sentence(this.trouble)}</p>` : nothing}
      ${this.aside()}<p class="said" role="status">${this.said}</p>
      ${hours ? this.#week(from) : this.#month(from, days)}
      ${this.loaded && !this.posts.size ? html`<p>No posts in this ${week ? 'week' : 'month'}. <a href=${this.composeHref}>Write a post</a></p>` : nothing}
      <p class="hint">${!this.posts.size ? '' : this.narrow ? 'Open a scheduled post to change its time.'
        : `Drag a scheduled post to another ${hours ? 'hour' : 'day'}, or focus it and press Alt with an arrow key.`} Your time zone: ${zone()}.</p>
    </div></div>`;
  }

  /** @param {Date} day @param {number | null} hour */
  #at(day, hour) {
    return [...this.posts.values()].map((post) => ({ post, time: this.#timeOf(post) }))
      .filter(({ time }) => sameDay(time, day) && (hour === null || time.getHours() === hour))
      .sort((a, b) => a.time.getTime() - b.time.getTime());
  }

  /** @param {Date} from @param {number} days */
  #month(from, days) {
    const weeks = Array.from({ length: days / 7 }, (_, index) => plus(from, index * 7));
    return html`<table aria-label=${days === 7 ? 'Week' : monthName.format(this.day)}><thead><tr>${Array.from({ length: 7 }, (_, index) => html`<th scope="col">${weekday.format(plus(from, index))}</th>`)}</tr></thead>
      <tbody>${weeks.map((week) => html`<tr>${Array.from({ length: 7 }, (_, index) => this.#cell(plus(week, index), null))}</tr>`)}</tbody></table>`;
  }

  /** @param {Date} from */
  #week(from) {
    const all = Array.from({ length: 7 }, (_, index) => plus(from, index));
    const early = all.some((day) => this.#at(day, null).some(({ time }) => time.getHours() < MORNING));
    const hours = Array.from({ length: 24 }, (_, hour) => hour).filter((hour) => early || hour >= MORNING);
    const clock = (/** @type {number} */ hour) => timeOf(new Date(2020, 0, 1, hour));
    return html`<table class="week" aria-label="Week"><thead><tr><th scope="col"><span class="said">Hour</span></th>${all.map((day) => html`<th scope="col" class=${sameDay(day, new Date()) ? 'today' : nothing}><span class="number">${dayName.format(day)}</span></th>`)}</tr></thead>
      <tbody>${hours.map((hour) => html`<tr><th scope="row">${clock(hour)}</th>${all.map((day) => this.#cell(day, hour))}</tr>`)}</tbody></table>`;
  }

  /** @param {Date} day @param {number | null} hour */
  #cell(day, hour) {
    const posts = this.#at(day, hour);
    const today = sameDay(day, new Date());
    const key = `${day.getTime()} ${hour}`;
    const past = (hour === null ? plus(day, 1) : new Date(day.getFullYear(), day.getMonth(), day.getDate(), hour + 1)) <= new Date();
    const classes = [posts.length && 'full', hour === null && today && 'today', hour === null && day.getMonth() !== this.day.getMonth() && 'other', this.over === key && 'over'].filter(Boolean).join(' ');
    const over = (/** @type {DragEvent} */ event) => {
      if (past) return;
      event.preventDefault();
      if (this.over === key) return;
      this.over = key;
      this.requestUpdate();
    };
    const add = () => {
      const at = new Date(day.getFullYear(), day.getMonth(), day.getDate(), hour ?? Math.max(9, today ? new Date().getHours() + 1 : 9));
      const values = { later: true, at: localInput(at) };
      if (!this.emit('social-compose', values)) return;
      sessionStorage.setItem('social-draft-page', JSON.stringify(values));
      location.assign(this.composeHref);
    };
    return html`<td class=${classes} data-day=${localInput(day).slice(0, 10)} data-hour=${hour ?? nothing} @dragover=${over} @drop=${(/** @type {DragEvent} */ event) => this.#drop(event, day, hour)}>
      ${hour === null ? html`<div class="day"><span class="number"><span class="short">${day.getDate()}</span><span class="long">${longDay.format(day)}</span></span>
        ${past ? nothing : html`<button type="button" class="add" aria-label="New post on ${longDay.format(day)}" @click=${add}>+</button>`}</div>` : nothing}
      ${posts.length ? html`<ul class="posts">${posts.map(({ post, time }) => html`<li>${this.#post(post, time)}</li>`)}</ul>` : nothing}</td>`;
  }

  /** @param {Post} post @param {Date} time */
  #post(post, time) {
    const [word, tone] = wordOf(post);
    const movable = this.#canMove(post);
    const platforms = [...new Set(ordered(post.results).map((/** @type {any} */ { platform }) => platform))];
    const names = post.results.map((result) => `${labelOf(result.platform)} ${nameOf(this.session.account(result.accountId))}`);
    const drag = (/** @type {DragEvent} */ event) => event.dataTransfer?.setData('text/plain', post.id);
    return html`<a class="post ${tone} ${this.moves.has(post.id) ? 'moving' : ''}" href=${this.hrefOf(post.id)} data-post=${post.id} draggable=${movable ? 'true' : 'false'}
      aria-keyshortcuts=${movable ? 'Alt+ArrowLeft Alt+ArrowRight Alt+ArrowUp Alt+ArrowDown' : nothing} title=${names.join(', ')}
      @dragstart=${drag} @keydown=${(/** @type {KeyboardEvent} */ event) => movable && this.#key(event, post)}>
      <span class="line">${timeOf(time)} <span>${word}</span> <span class="marks">${platforms.map(mark)}</span><span class="said">${names.join(', ')}</span></span>
      <b>${post.caption || post.title || 'No caption'}</b></a>`;
  }
}

customElements.define('social-calendar', SocialCalendar);
