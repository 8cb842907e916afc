// The whole page: routes, sessions, live changes, keyboard, accessibility, weight, and other products around the elements.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { build } from 'esbuild';
import { NARROW, WIDE, eventually, gone, mint, open, popup, see, setup } from './world.mjs';

const axe = await readFile(new URL('axe.min.js', import.meta.resolve('axe-core')), 'utf8');
const react = await build({
  stdin: {
    contents: `
      import { createElement, useState } from 'react';
      import { createRoot } from 'react-dom/client';
      const token = () => window.mintToken({ expired: false });
      function Product() {
        const [open, setOpen] = useState(false);
        const [posted, setPosted] = useState('');
        return createElement('main', null,
          createElement('h1', null, 'Another product'),
          createElement('button', { onClick: () => setOpen(true) }, 'Post to social'),
          createElement('p', null, posted && 'Posted ' + posted),
          createElement('social-composer', { token, dialog: true, open, 'onsocial-posted': (event) => setPosted(event.detail.post.id), 'onsocial-closed': () => setOpen(false) }));
      }
      createRoot(document.getElementById('root')).render(createElement(Product));`,
    resolveDir: import.meta.dirname,
  },
  bundle: true, format: 'esm', write: false, define: { 'process.env.NODE_ENV': '"production"' },
});
const world = await open({ pages: {
  '/product': { type: 'html', body: '<!doctype html><html lang="en"><title>Product</title><link rel="stylesheet" href="/product.css"><div id="root"></div><script type="module" src="/elements/index.js"></script><script type="module" src="/product.js"></script></html>' },
  '/product.css': { type: 'css', body: ':root { --social-accent: #7a1fa2; } social-composer::part(primary) { border-radius: 20px; }' },
  '/product.js': { type: 'js', body: react.outputFiles[0].text },
} });

async function as(run) {
  const user = world.user();
  await run(user);
  await user.close();
}

/** Everything that axe can see, with all its rules. */
async function accessible(page, where) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target, failureSummary }) => `${target} ${failureSummary}`).join('; ')}`), [], where);
}

const wider = (page) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

/** A person with something in every view. */
async function busy() {
  const user = world.user();
  const insta = await user.instagram();
  const tiktok = await user.tiktok({ displayName: 'A name of forty characters, not less so' });
  const channel = await user.youtube();
  const gone = await user.instagram();
  await user.api(`social-accounts/${gone.id}`, { method: 'DELETE' });
  const scheduled = await user.post(insta, { caption: `${'A long caption. '.repeat(50)}`, publishAt: user.tomorrow() });
  const published = await user.post(insta);
  const failed = await user.post(insta, { videoUrl: `${world.origin}/none.mp4`, caption: 'No video' });
  await user.state(published, 'published');
  await user.state(failed, 'failed');
  const secret = await user.tiktok({ visibility: 'private' });
  const refused = await user.post(secret, { caption: 'Not for everyone' }, { privacy_level: 'PUBLIC_TO_EVERYONE' });
  await user.state(refused, 'failed');
  const lapsed = await user.tiktok();
  const held = await user.post(lapsed, { caption: 'Held', publishAt: user.tomorrow() });
  await user.revoke(lapsed);
  const cancelled = await user.post(insta, { caption: 'Not after all', publishAt: user.tomorrow() });
  await user.api(`social-posts/${cancelled.id}/cancel`, { method: 'POST' });
  const unclear = await user.doubt(await user.tiktok());
  return { user, tiktok, channel, insta, posts: { scheduled, published, failed, refused, held, cancelled, unclear } };
}

test('every view has no accessibility violation and fits, wide, narrow and at 320 pixels, light and dark', { timeout: 400_000 }, async () => {
  const { user, tiktok, channel, insta, posts } = await busy();
  const page = await user.page('/integrations');
  // Each view is opened once; then the window and the colours change around it.
  const show = async (size, colorScheme) => {
    await page.setViewportSize(size);
    await page.emulateMedia({ colorScheme });
    await page.evaluate(() => new Promise((done) => { requestAnimationFrame(() => requestAnimationFrame(done)); }));
  };
  const check = async (name) => {
    await show({ width: 320, height: 640 }, 'light');
    assert.equal(await wider(page), 0, `${name} is wider than 320`);
    for (const size of [NARROW, WIDE]) {
      for (const scheme of ['dark', 'light']) {
        await show(size, scheme);
        await accessible(page, `${name} ${size.width} ${scheme}`);
        assert.equal(await wider(page), 0, `${name} is wider than ${size.width}`);
      }
    }
  };
  await see(page.getByText('Reconnect needed'));
  await check('integrations');
  await page.getByText('1 disconnected').click();
  await check('integrations, disconnected');
  await page.getByRole('button', { name: /^Disconnect A name/ }).click();
  await see(page.getByRole('dialog'));
  await check('question');
  await page.keyboard.press('Escape');
  await page.goto(`${world.origin}/compose`);
  await see(page.getByLabel('Video URL'));
  await check('empty composer');
  await page.getByLabel('Video URL').fill(world.video);
  for (const account of [tiktok, channel, insta]) await page.locator(`[data-account="${account.id}"]`).check();
  await see(page.getByRole('switch'));
  await page.getByRole('switch').check();
  await page.getByLabel('Your brand').check();
  await page.getByLabel('Later').check();
  await page.getByLabel('Date and time').fill('');
  await page.getByRole('button', { name: 'Schedule' }).click();
  await see(page.getByText('Choose a date and time.'));
  await check('composer with errors');
  await page.goto(`${world.origin}/posts`);
  await see(page.getByText('No video'));
  await check('posts');
  for (const [name, post] of Object.entries(posts)) {
    await page.goto(`${world.origin}/posts/${post.id}`);
    await see(page.getByText('You created the post'));
    await check(name);
    if (name === 'published') {
      await page.getByText('Technical details').click();
      await see(page.getByRole('columnheader', { name: 'Effect' }));
      await check('details');
    }
    if (name === 'scheduled') {
      await page.getByRole('button', { name: 'Edit' }).click();
      await check('editor');
    }
    if (name === 'refused') {
      await page.getByRole('button', { name: 'Edit and retry' }).click();
      await see(page.getByRole('region', { name: /TikTok settings/ }).getByLabel('Who can view this video'));
      await page.getByRole('button', { name: 'Save and retry' }).click();
      await see(page.getByText('Choose who can view this video.'));
      await check('settings in the editor');
    }
    if (name === 'unclear') {
      await page.getByRole('button', { name: 'No, post it again' }).click();
      await see(page.getByRole('dialog'));
      await check('question about a second post');
    }
  }
  await page.goto(`${world.origin}/calendar`);
  await see(page.locator('.post'));
  await check('month');
  await page.getByRole('button', { name: 'Week' }).click();
  await check('week');
  await user.close();
});

test('the empty views are accessible and say what comes first', () => as(async (user) => {
  const page = await user.page('/posts');
  await see(page.getByText('No posts yet.'));
  await accessible(page, 'no posts');
  await page.goto(`${world.origin}/compose`);
  await see(page.getByText('You have no account yet.'));
  await accessible(page, 'no account');
  await page.goto(`${world.origin}/calendar`);
  await see(page.getByText(/^No posts in this month\./));
  await accessible(page, 'empty calendar');
}));

test('notices, refusals and an ended session are accessible', () => as(async (user) => {
  const account = await user.tiktok();
  const page = await user.page('/integrations');
  await setup(page, { youtube: { status: 'notSetUp', missing: ['YOUTUBE_CLIENT_ID'] } }, { terms: 'https://app.example.com/terms', privacy: null });
  await page.reload();
  await see(page.getByText('Not set up', { exact: true }));
  await page.evaluate(() => { window.open = () => null; });
  await page.getByRole('button', { name: 'Connect Instagram' }).click();
  await see(page.getByRole('button', { name: 'Continue on this page' }));
  await accessible(page, 'blocked, not set up');
  await world.fault('creator_info', { kind: 'status', status: 200, code: 'spam_risk_too_many_posts', times: 1, account: account.username });
  await page.goto(`${world.origin}/compose`);
  await page.locator(`[data-account="${account.id}"]`).check();
  await see(page.locator('[data-refusal]'));
  await accessible(page, 'refusal');
  const ended = await user.page('/posts', { token: () => mint(user.name, -3600) });
  await see(ended.getByText('Your session has ended. Sign in again.'));
  await accessible(ended, 'ended');
}));

test('by keyboard alone: connect, write, schedule', () => as(async (user) => {
  const page = await user.page('/integrations');
  await see(page.getByRole('button', { name: 'Connect Instagram' }));
  const focused = () => page.evaluate(() => {
    let node = document.activeElement;
    while (node?.shadowRoot?.activeElement) node = node.shadowRoot.activeElement;
    return `${node?.textContent?.trim().replace(/\s+/g, ' ').slice(0, 40)}|${node?.getAttribute('aria-label') ?? ''}|${node?.id}|${node?.getAttribute('data-account') ? 'account' : node?.type ?? ''}`;
  });
  let presses = 0;
  const tab = async (wanted) => {
    for (let at = 0; at < 40; at += 1) {
      if (wanted.test(await focused())) return;
      await page.keyboard.press('Tab');
      presses += 1;
    }
    assert.fail(`no way to ${wanted} by Tab`);
  };
  await page.keyboard.press('Tab');
  assert.match(await focused(), /^Skip to the content/);
  await page.keyboard.press('Enter');
  await tab(/^Connect Instagram/);
  const [window] = await Promise.all([page.context().waitForEvent('page'), page.keyboard.press('Enter')]);
  await window.locator('button[value="allow"]').focus();
  const closed = window.waitForEvent('close');
  await window.keyboard.press('Enter').catch(() => {});
  await closed;
  await see(page.getByText('Demo Kitchen is connected.'));
  await tab(/^Write a post/);
  await page.keyboard.press('Enter');
  await page.waitForURL('**/compose');
  await tab(/\|video-url\|/);
  await page.keyboard.insertText(world.video);
  await tab(/\|caption\|/);
  await page.keyboard.insertText('By keyboard');
  await tab(/account$/);
  await page.keyboard.press('Space');
  await tab(/radio$/);
  await page.keyboard.press('ArrowDown');
  await tab(/\|publish-at\|/);
  await page.keyboard.press('Tab');
  await tab(/^Tomorrow 9:00/);
  await page.keyboard.press('Enter');
  await tab(/^Schedule/);
  await page.keyboard.press('Enter');
  await page.waitForURL('**/posts/*');
  assert.equal((await user.api('social-posts')).posts[0].state, 'scheduled');
  assert(presses < 60, `${presses} presses of Tab`);
}));

test('two users see nothing of each other', async () => {
  const [one, other] = [world.user(), world.user()];
  const account = await one.connect('instagram', { account: 'demokitchen' });
  await one.post(account, { caption: 'Mine alone', publishAt: one.tomorrow() });
  const page = await other.page('/integrations');
  await see(page.getByText('Connect an account first.'));
  for (const [path, text] of [['/posts', 'No posts yet.'], ['/compose', 'You have no account yet.']]) {
    await page.goto(`${world.origin}${path}`);
    await see(page.getByText(text));
    assert.equal(await page.getByText('Mine alone').count(), 0);
  }
  await one.close();
  await other.close();
});

test('W18: the first page weighs at most 60 KB as it is transferred, and asks no one else', () => as(async (user) => {
  // A new user comes to the first, with everything that is asked for; one with accounts comes to the second.
  for (const [path, counts, of] of [['/integrations', () => true, 'transferSize'], ['/compose', (name) => !name.includes('/api/'), 'encodedBodySize']]) {
    const page = await user.page(path);
    await see(page.locator('h1'));
    await page.waitForLoadState('networkidle');
    const loaded = await page.evaluate(() => [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')].map((entry) => entry.toJSON()));
    assert.deepEqual(loaded.filter(({ name }) => !name.startsWith(`${world.origin}/`)), []);
    const counted = loaded.filter(({ name }) => counts(name));
    const sum = counted.reduce((total, entry) => total + entry[of], 0);
    console.log(`${path}: ${sum} bytes in ${counted.length} responses`);
    assert(sum > 0 && sum <= 60_000, `${path} weighs ${sum}`);
  }
}));

test('the content security policy is strict, and nothing breaks it', () => as(async (user) => {
  const page = await user.page('/integrations');
  const response = await page.goto(`${world.origin}/integrations`);
  const policy = response.headers()['content-security-policy'];
  assert.match(policy, /default-src 'self'/);
  assert.doesNotMatch(policy, /unsafe/);
}));

test('W13: a token that is no longer accepted asks for a new one in plain words', async () => {
  const context = await world.browser.newContext();
  await context.route('**/local/session', (route) => route.fulfill({ status: 404, body: '' }));
  const page = await context.newPage();
  await page.goto(`${world.origin}/integrations`);
  await accessible(page, 'sign-in');
  await page.getByLabel('User token').fill('garbage');
  await page.getByRole('button', { name: 'Use this token' }).click();
  await see(page.getByText('This token is not valid or has expired. Paste a new one.'));
  await page.getByLabel('User token').fill(mint('user-by-hand'));
  await page.getByRole('button', { name: 'Use this token' }).click();
  await see(page.getByRole('button', { name: 'Connect TikTok' }));
  await page.getByRole('button', { name: 'Sign out' }).click();
  await see(page.getByLabel('User token'));
  await context.close();
});

test('a token that ends while the page is open is renewed without a word', () => as(async (user) => {
  const account = await user.instagram();
  let ended = false;
  let renewed = 0;
  const page = await user.page('/posts', { token: ({ expired }) => {
    if (expired) {
      renewed += 1;
      ended = false;
    }
    return mint(user.name, ended ? -3600 : 3600);
  } });
  await see(page.getByText('No posts yet.'));
  assert.equal(renewed, 0);
  await user.post(account, { caption: 'After the token', publishAt: user.tomorrow() });
  ended = true;
  await page.evaluate(() => window.dispatchEvent(new Event('online')));
  await see(page.getByText('After the token'));
  assert.equal(renewed, 1);
  assert.equal(await page.getByText('Your session has ended').count(), 0);
}));

test('a session that has ended says so', () => as(async (user) => {
  const page = await user.page('/posts', { token: () => mint(user.name, -3600) });
  await see(page.getByText('Your session has ended. Sign in again.'));
}));

test('changes appear by themselves, a lost network is survived, and the page catches up', () => as(async (user) => {
  const account = await user.instagram();
  const page = await user.page('/posts');
  await see(page.getByText('No posts yet.'));
  world.product.state.down = true;
  await page.evaluate(() => window.dispatchEvent(new Event('online')));
  await see(page.getByText('The server did not respond.'));
  await user.api('social-accounts').catch(() => {});
  world.product.state.down = false;
  const post = await user.post(account, { caption: 'From elsewhere' });
  await page.evaluate(() => window.dispatchEvent(new Event('online')));
  await see(page.getByText('From elsewhere'));
  await gone(page.getByText('The server did not respond.'));
  await user.state(post, 'published');
  await see(page.getByRole('listitem').getByText('Published', { exact: true }).or(page.locator('.badge', { hasText: 'Published' })));
}));

test('an idle page makes at most one request in 20 seconds, and none while it is hidden', () => as(async (user) => {
  const account = await user.instagram();
  await user.post(account, { publishAt: user.tomorrow() });
  const there = { '/posts': '.title', '/integrations': '.account', '/calendar': 'td[data-day]', '/compose': '[data-account]' };
  for (const [path, shown] of Object.entries(there)) {
    const page = await user.page(path, { clock: true });
    await see(page.locator(shown));
    await page.waitForLoadState('networkidle');
    let calls = 0;
    const statuses = [];
    page.on('response', (response) => new URL(response.url()).pathname.startsWith('/api/') && statuses.push(response.status()));
    page.on('request', (request) => { calls += new URL(request.url()).pathname.startsWith('/api/') ? 1 : 0; });
    for (let round = 0; round < 3; round += 1) {
      await page.clock.runFor(20_000);
      await page.waitForLoadState('networkidle');
    }
    assert(calls <= 3, `${path}: ${calls} requests in a minute`);
    assert.deepEqual(statuses.filter((status) => status !== 304), [], `${path}: what has not changed is not sent again`);
    await page.evaluate(() => {
      Object.defineProperty(document, 'hidden', { value: true, configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));
    });
    await page.clock.runFor(20_000);
    await page.waitForLoadState('networkidle');
    calls = 0;
    await page.clock.runFor(120_000);
    assert.equal(calls, 0, `${path} while hidden`);
    await page.evaluate(() => {
      Object.defineProperty(document, 'hidden', { value: false, configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));
    });
    if (path !== '/compose') await eventually(() => assert(calls >= 1, `${path} wakes up`));
    await page.context().close();
  }
}));

test('another product embeds the composer as a dialog, with its own token and colours, and posts', () => as(async (user) => {
  const account = await user.instagram();
  const page = await user.page('/product');
  await page.getByRole('button', { name: 'Post to social' }).click();
  const dialog = page.getByRole('dialog', { name: 'New post' });
  await see(dialog);
  await eventually(async () => assert.equal(await page.evaluate(() => document.querySelector('social-composer').shadowRoot.activeElement?.id), 'video-url'));
  await accessible(page, 'embedded');
  await dialog.getByLabel('Video URL').fill(world.video);
  await dialog.getByLabel('Caption', { exact: true }).fill('From a product');
  await dialog.locator(`[data-account="${account.id}"]`).check();
  const button = dialog.getByRole('button', { name: 'Publish', exact: true });
  assert.equal(await button.evaluate((node) => getComputedStyle(node).borderRadius), '20px');
  assert.equal(await button.evaluate((node) => getComputedStyle(node).backgroundColor), 'rgb(122, 31, 162)');
  await button.click();
  await see(page.getByText(/^Posted 0/));
  await see(dialog.getByText('Your post is on its way'));
  await page.keyboard.press('Escape');
  await gone(dialog);
  assert.equal((await user.api('social-posts')).posts[0].caption, 'From a product');
}));

test('from nothing to a scheduled post on two accounts in at most 14 clicks', () => as(async (user) => {
  const page = await user.page('/');
  let clicks = 0;
  const click = async (locator) => {
    clicks += 1;
    await locator.click();
  };
  for (const name of ['TikTok', 'YouTube']) {
    clicks += 2;
    await popup(page, page.getByRole('button', { name: `Connect ${name}` }));
    await see(page.getByText(/ is connected\./));
  }
  await click(page.getByRole('link', { name: 'Write a post' }));
  clicks += 1;
  await page.getByLabel('Video URL').fill(world.video);
  clicks += 1;
  await page.getByLabel('Caption', { exact: true }).fill('In two minutes');
  for (const box of await page.locator('[data-account]').all()) await click(box);
  for (const select of await page.getByLabel('Who can view this video').all()) {
    clicks += 1;
    await select.selectOption({ index: 1 });
  }
  await click(page.getByLabel('No', { exact: true }));
  await click(page.getByLabel('Later'));
  await click(page.getByRole('button', { name: 'Schedule' }));
  await page.waitForURL('**/posts/*');
  const [post] = (await user.api('social-posts')).posts;
  assert.equal(post.state, 'scheduled');
  assert.equal(post.results.length, 2);
  assert.equal(new Date(post.publishAt).getUTCMinutes(), 0, 'a time of its own is offered');
  assert(clicks <= 14, `${clicks} clicks`);
}));
