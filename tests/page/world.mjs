// The world of a test file: the product with simulated platforms, a browser, and users with tokens of their own.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHmac, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after } from 'node:test';
import { chromium } from 'playwright-core';
import { startProduct } from './product.mjs';

const SECRET = 'a-secret-of-the-tests-of-the-page';
export const WIDE = { width: 1440, height: 900 };
export const NARROW = { width: 360, height: 740 };

const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A user's token, by default for an hour. */
export function mint(sub, seconds = 3600) {
  const now = Math.floor(Date.now() / 1000);
  const text = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode({ sub, iat: now, exp: now + seconds })}`;
  return `${text}.${createHmac('sha256', SECRET).update(text).digest('base64url')}`;
}

/** Tries until it does not throw: a condition, not a pause. */
export async function eventually(check, within = 15_000) {
  const end = Date.now() + within;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > end) throw error;
      await new Promise((resolve) => { setTimeout(resolve, 40); });
    }
  }
}

export const see = (locator) => locator.first().waitFor({ state: 'visible' });
export const gone = (locator) => locator.first().waitFor({ state: 'hidden' });

/** Starts everything for this file, and stops it after its tests. */
export async function open({ pages } = {}) {
  const product = await startProduct({ pages, site: process.env.PAGE_SITE });
  const data = await mkdtemp(join(tmpdir(), 'page-'));
  const kept = ['PATH', 'HOME', 'PG_BIN_DIR', 'XDG_CACHE_HOME'].filter((name) => name in process.env);
  const env = { ...Object.fromEntries(kept.map((name) => [name, process.env[name]])), PORT: '0', APP_URL: product.origin, AUTH_JWT_SECRET: SECRET, TIKTOK_VERIFIED_URL_PREFIXES: `${product.origin}/pull/` };
  const server = spawn(process.env.SERVER, [], { cwd: data, env, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(server, 'exit');
  for await (const line of createInterface({ input: server.stdout })) {
    const port = line.match(/Open http:\/\/localhost:(\d+)/)?.[1];
    if (port) {
      product.state.port = Number(port);
      break;
    }
  }
  assert(product.state.port, 'the product ended before it said where it is');
  server.stdout.resume();
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'],
  });
  const stop = async () => {
    await browser.close();
    product.close();
    server.kill('SIGTERM');
    await ended;
    await rm(data, { recursive: true, force: true });
  };
  after(stop);
  return new World(product, browser, data, stop);
}

class World {
  constructor(product, browser, data, stop) {
    this.product = product;
    this.data = data;
    this.stop = stop;
    this.origin = product.origin;
    this.browser = browser;
    this.video = `http://localhost:${product.state.port}/sample.mp4`;
    this.count = 0;
  }

  user(name = `user-${randomUUID()}`) {
    return new User(this, name);
  }

  /** A handle that no other test uses. */
  handle() {
    this.count += 1;
    return `maker${process.pid}${this.count}`;
  }

  /** A secret that only the functions and the simulated platforms have. */
  async secret(name) {
    const kept = await readFile(join(this.data, '.data', 'local.env'), 'utf8');
    const value = kept.match(new RegExp(`^${name}=(.+)$`, 'm'))?.[1];
    assert(value?.length > 20, `there is a ${name}`);
    return value;
  }

  /** Tells the simulated platforms something. */
  async sandbox(path, body, method = 'POST') {
    const response = await fetch(`${this.origin}/sandbox/control/${path}`, { method, headers: { 'Content-Type': 'application/json' }, ...(body && { body: JSON.stringify(body) }) });
    assert(response.ok, `${path}: ${response.status} ${await response.clone().text()}`);
    return response.json();
  }

  fault(endpoint, fault) {
    return this.sandbox('faults', { platform: 'tiktok', endpoint, ...fault });
  }
}

export class User {
  constructor(world, name) {
    this.world = world;
    this.name = name;
    this.noise = [];
  }

  async api(path, { method = 'GET', body, headers } = {}) {
    const response = await fetch(`${this.world.origin}/api/${path}`, {
      method, headers: { Authorization: `Bearer ${mint(this.name)}`, ...headers }, ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    assert(response.ok, `${method} ${path}: ${response.status} ${text}`);
    return text ? JSON.parse(text) : null;
  }

  /** Connects an account as its owner would, without a browser. Returns the platform's newest account. */
  async connect(platform, form = {}) {
    const start = await fetch(`${this.world.origin}/api/social-accounts-connect?platform=${platform}`, { method: 'POST', headers: { Authorization: `Bearer ${mint(this.name)}` } });
    assert(start.ok, await start.clone().text());
    const cookie = start.headers.getSetCookie().map((each) => each.split(';')[0]).join('; ');
    const { authUrl } = await start.json();
    const body = new URLSearchParams({ scope: 'all', decision: 'allow', ...(platform === 'facebook' && !form.account && { account: 'dana.demo', page: 'all' }), ...form });
    const consent = await fetch(authUrl, { method: 'POST', body, redirect: 'manual' });
    assert.equal(consent.status, 302, await consent.clone().text());
    const back = await fetch(consent.headers.get('location'), { headers: { cookie }, redirect: 'manual' });
    assert.match(back.headers.get('location'), /social=connected/);
    const { accounts } = await this.api('social-accounts');
    return accounts.filter((account) => account.platform === platform).at(-1);
  }

  /** A TikTok account that no other test touches. */
  async tiktok(changes = {}) {
    const handle = this.world.handle();
    await this.world.sandbox('accounts', { handle, displayName: `Maker ${this.world.count}`, ...changes });
    return this.connect('tiktok', { account: handle });
  }

  instagram(account = this.world.handle()) {
    return this.connect('instagram', { account });
  }

  /** The owner removes the app at TikTok. */
  async revoke(account) {
    // TikTok's events carry seconds; one of the second of the connection could be older than it.
    const later = Math.floor(Date.parse(account.connectedAt) / 1000) + 1;
    await eventually(() => assert(Date.now() / 1000 >= later + 0.1));
    await this.world.sandbox('revoke', { account: account.username });
    return eventually(async () => assert.equal((await this.api(`social-accounts/${account.id}`)).status, 'needsReconnect'));
  }

  youtube(account = 'demostudio') {
    return this.connect('youtube', { account });
  }

  /** Creates a post, for an Instagram account if nothing else is said. */
  post(account, more = {}, options = account.platform === 'tiktok' ? { privacy_level: 'SELF_ONLY' } : {}) {
    return this.api('social-posts', { method: 'POST', body: { videoUrl: this.world.video, caption: 'A post', results: [{ accountId: account.id, [account.platform]: options }], ...more } });
  }

  /** A post of which no one can tell what became of it: TikTok was asked to download it, and its answer was lost. */
  async doubt(account) {
    await this.world.fault('video_init', { kind: 'hangUpBefore', account: account.username });
    const post = await this.post(account, { videoUrl: `${this.world.origin}/pull/sample.mp4`, caption: 'Is it there' });
    await this.state(post, 'needsAttention');
    return post;
  }

  tomorrow(hours = 24) {
    return new Date(Math.ceil(Date.now() / 60_000) * 60_000 + hours * 3600_000).toISOString();
  }

  async state(post, state) {
    return eventually(async () => {
      const now = await this.api(`social-posts/${post.id}`);
      assert.equal(now.state, state);
      return now;
    }, 30_000);
  }

  /** Opens the page as this user. */
  async page(path = '/', { size = WIDE, scheme = 'light', token = () => mint(this.name), clock = false, ...more } = {}) {
    const context = await this.world.browser.newContext({ viewport: size, colorScheme: scheme, locale: 'en-GB', timezoneId: 'Europe/Berlin', ...more });
    context.setDefaultTimeout(15_000);
    this.contexts = [...(this.contexts ?? []), context];
    await context.exposeFunction('mintToken', (wanted) => token(wanted));
    await context.addInitScript(() => { window.socialPublisherToken = (wanted) => window.mintToken(wanted); });
    const page = await context.newPage();
    if (clock) await page.clock.install();
    page.on('console', (message) => {
      // The browser itself reports each 4xx and each lost request.
      if (['error', 'warning'].includes(message.type()) && !/Failed to load resource/.test(message.text())) this.noise.push(message.text());
    });
    page.on('pageerror', (error) => this.noise.push(String(error.stack ?? error)));
    await page.goto(`${this.world.origin}${path}`);
    return page;
  }

  async close() {
    for (const context of this.contexts ?? []) await context.close();
    assert.deepEqual(this.noise, [], 'the console is silent');
  }
}

/** Opens the popup by this button and answers it there. */
export async function popup(page, button, answer = 'allow', before = async () => {}) {
  const [window] = await Promise.all([page.context().waitForEvent('page'), button.click()]);
  await see(window.locator('button[value="allow"]'));
  await before(window);
  await answerPopup(window, answer);
}

/** Presses the button; the popup then closes. */
export async function answerPopup(window, answer = 'allow') {
  const closed = window.waitForEvent('close');
  await window.locator(`button[value="${answer}"]`).click().catch((error) => {
    if (!window.isClosed()) throw error;
  });
  await closed;
}

/** Sets what this page is told that the operator has set up. */
export const setup = (page, changes = {}, links = { terms: null, privacy: null }) => page.route('**/api/social-accounts/platforms', (route) => route.fulfill({ json: {
  platforms: ['tiktok', 'youtube', 'instagram', 'facebook'].map((platform) => ({ platform, status: 'ready', missing: [], audited: null, ...changes[platform] })),
  links,
} }));
