// @ts-check
// One user's session: the client, the accounts, and the clock that refreshes what is shown.

import { ApiError, SocialPublisher, onConnectOutcome } from '../vendor/social-publisher.js';

/** @typedef {import('../vendor/social-publisher.js').Account} Account */
/** @typedef {import('../vendor/social-publisher.js').Post} Post */
/** @typedef {import('../vendor/social-publisher.js').Result} Result */
/** @typedef {import('../vendor/social-publisher.js').Setup} Setup */
/** @typedef {NonNullable<Parameters<SocialPublisher['listPosts']>[0]>} ListQuery */
/** @typedef {(wanted: {expired: boolean}) => string | Promise<string>} Token */

// A second while something is in progress, 20 seconds while nothing happens.
export const BUSY_MS = 1_000;
export const IDLE_MS = 20_000;
const LINK_MS = 120_000;
// The API's longest page.
const PAGE = 100;

/** @type {Map<string, Session>} */
const sessions = new Map();
/** @type {{token?: Token, baseUrl?: string}} */
const shared = {};

/**
 * Sets what all elements of the page use unless they have their own.
 * @param {{token?: Token, baseUrl?: string}} options
 */
export function configure(options) {
  Object.assign(shared, options);
  if (options.token) sessionOf().use(options.token);
}

/**
 * @param {{token?: Token, baseUrl?: string}} [own]
 * @returns {Session}
 */
export function sessionOf(own = {}) {
  const baseUrl = own.baseUrl ?? shared.baseUrl ?? '/api';
  let session = sessions.get(baseUrl);
  if (!session) {
    session = new Session(baseUrl, shared.token);
    sessions.set(baseUrl, session);
  }
  if (own.token) session.use(own.token);
  return session;
}

/** @param {unknown} error */
export const sentenceOf = (error) => (error instanceof Error ? error.message : String(error));

/** Dispatches `accounts`, `ended`, `resumed` and `post` (with the post as its detail). */
export class Session extends EventTarget {
  /**
   * @param {string} baseUrl
   * @param {Token} [token]
   */
  constructor(baseUrl, token) {
    super();
    this.token = token;
    /** @type {Account[] | null} */
    this.accounts = null;
    /** @type {unknown} */
    this.accountsError = null;
    this.ended = false;
    /** The last outcome of a popup, until an element shows it. @type {any} */
    this.outcome = null;
    /** @type {Setup | null} */
    this.setup = null;
    this.#loading = null;
    /** @type {Set<Watch>} */
    this.watches = new Set();
    this.api = new SocialPublisher({ baseUrl, token: (wanted) => this.#mint(wanted) });
    document.addEventListener('visibilitychange', () => !document.hidden && this.refresh());
    window.addEventListener('online', () => this.refresh());
    // A popup may outlast a reload of this page, so its outcome is heard from the start.
    onConnectOutcome((outcome) => {
      this.outcome = outcome;
      this.dispatchEvent(new Event('outcome'));
      if (outcome.social === 'connected') this.refresh();
    });
  }

  /** @type {Promise<void> | null} */
  #loading;

  /** How often the session was resumed. */
  #resumed = 0;

  /** @param {Token} token */
  use(token) {
    if (this.token === token) return;
    this.token = token;
    if (this.ended) this.resume();
  }

  /** Tries again with whatever token there is now. */
  resume() {
    this.ended = false;
    this.#resumed += 1;
    this.dispatchEvent(new Event('resumed'));
    this.loadAccounts();
    this.refresh();
  }

  /** @param {{expired: boolean}} wanted */
  async #mint(wanted) {
    const token = this.token ?? /** @type {any} */ (window).socialPublisherToken;
    if (!token) throw new ApiError(401, { code: 'unauthorized', message: 'No one is signed in.' });
    return typeof token === 'function' ? token(wanted) : token;
  }

  /**
   * Makes a call. A refused token ends the session for all elements.
   * @template T
   * @param {(api: SocialPublisher) => Promise<T>} call
   * @returns {Promise<T>}
   */
  async call(call) {
    const resumed = this.#resumed;
    try {
      return await call(this.api);
    } catch (error) {
      // What began before a resume had the old token.
      if (error instanceof ApiError && error.status === 401 && !this.ended && resumed === this.#resumed) {
        this.ended = true;
        this.dispatchEvent(new Event('ended'));
      }
      throw error;
    }
  }

  /**
   * Reads posts until there are `most` of them: one request while they fit into a page of the API.
   * @param {ListQuery} query
   * @param {number} most
   */
  async posts(query, most) {
    /** @type {Post[]} */
    const posts = [];
    /** @type {string | null} */
    let next = null;
    do {
      /** @type {ListQuery} */
      const page = { ...query, limit: Math.min(PAGE, most - posts.length), ...(next && { cursor: next }) };
      const answer = await this.call((api) => api.listPosts(page));
      posts.push(...answer.posts);
      next = answer.nextCursor ?? null;
    } while (next && posts.length < most);
    return { posts, next };
  }

  /** @param {string} id */
  account(id) {
    return this.accounts?.find((account) => account.id === id);
  }

  /** Reads the accounts, and once what the operator has set up. */
  loadAccounts() {
    this.#loading ??= this.#readAccounts().finally(() => { this.#loading = null; });
    return this.#loading;
  }

  /** Reads the accounts as they are from now on: a read that is under way may be older than what just happened. */
  async reloadAccounts() {
    await this.#loading;
    await this.loadAccounts();
  }

  async #readAccounts() {
    try {
      this.accounts = await this.call((api) => api.listAccounts());
      this.accountsError = null;
      await this.#readSetup();
    } catch (error) {
      this.accountsError = error;
    }
    this.dispatchEvent(new Event('accounts'));
  }

  /** Reads once what the operator has set up. Without it the page works, and says less. */
  async #readSetup() {
    this.setup ??= await this.api.listPlatforms().catch(() => null);
  }

  /**
   * Makes a call that changes a post, and shows the change everywhere at once.
   * @param {(api: SocialPublisher) => Promise<Post>} call
   */
  async change(call) {
    try {
      const post = await this.call(call);
      this.take(post);
      return post;
    } finally {
      this.refresh();
    }
  }

  /** @param {Post} post */
  take(post) {
    this.dispatchEvent(new CustomEvent('post', { detail: post }));
  }

  /** Refreshes everything that is shown, now. */
  refresh() {
    for (const watch of this.watches) watch.run();
  }

  /**
   * Calls `read` now, then again after the pause that it returns, while the page is visible.
   * @param {() => Promise<number>} read
   */
  watch(read) {
    const watch = new Watch(this, read);
    this.watches.add(watch);
    watch.run();
    return watch;
  }
}

class Watch {
  /**
   * @param {Session} session
   * @param {() => Promise<number>} read
   */
  constructor(session, read) {
    this.session = session;
    this.read = read;
    this.running = false;
    this.again = false;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
  }

  async run() {
    clearTimeout(this.timer);
    if (this.session.ended) return;
    if (this.running) {
      this.again = true;
      return;
    }
    this.running = true;
    const pause = await this.read().catch(() => IDLE_MS / 4);
    this.running = false;
    if (!this.session.watches.has(this)) return;
    if (this.again) {
      this.again = false;
      this.run();
    } else if (!document.hidden) {
      // A hidden page asks nothing; it asks when it is seen again.
      this.timer = setTimeout(() => document.hidden || this.run(), pause);
    }
  }

  stop() {
    clearTimeout(this.timer);
    this.session.watches.delete(this);
  }
}

/**
 * Returns how soon this post may change.
 * @param {Post} post
 */
export function pauseOf(post) {
  const pauses = post.results.map((/** @type {Result} */ result) => {
    if (result.state === 'publishing' || result.state === 'processing') return BUSY_MS;
    // Most platforms name the link a few seconds after they published.
    if (result.state === 'published' && !result.platformUrl && Date.now() - Date.parse(result.publishedAt ?? '') < LINK_MS) return 5 * BUSY_MS;
    const due = Date.parse(result.dueAt ?? (result.state === 'queued' ? post.publishAt : '') ?? '');
    return Number.isNaN(due) ? IDLE_MS : Math.min(IDLE_MS, Math.max(BUSY_MS, due - Date.now()));
  });
  return Math.min(IDLE_MS, ...pauses);
}
