// <social-accounts>: connect, reconnect, disconnect.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerPopup, eventually, gone, open, popup, see, setup } from './world.mjs';

const world = await open();

async function as(run, path = '/integrations', options) {
  const user = world.user();
  const page = await user.page(path, options);
  await run(page, user);
  await user.close();
}

test('a popup connects an account, and its card shows it', () => as(async (page) => {
  await popup(page, page.getByRole('button', { name: 'Connect TikTok' }));
  await see(page.getByText('Demo Kitchen is connected.'));
  const card = page.getByRole('article', { name: 'TikTok' });
  await see(card.getByText('@demokitchen'));
  await see(card.getByText('Connected', { exact: true }));
  await see(card.getByRole('button', { name: 'Connect another TikTok' }));
}));

test('several accounts of one platform stand in one card, with their number and what waits for each', () => as(async (page, user) => {
  const busy = await user.tiktok();
  await user.tiktok();
  for (let at = 0; at < 2; at += 1) await user.post(busy, { publishAt: user.tomorrow() });
  await page.reload();
  const card = page.getByRole('article', { name: 'TikTok' });
  await see(card.getByText('2 accounts', { exact: true }));
  await eventually(async () => assert.equal(await card.getByRole('listitem').count(), 2));
  await see(card.getByRole('listitem').filter({ hasText: busy.username }).getByText(/2 posts waiting/));
  assert.equal(await card.getByText('waiting').count(), 1);
}));

test('after the first connection the composer comes first', () => as(async (page, user) => {
  await page.waitForURL('**/integrations');
  await user.instagram();
  await page.goto(world.origin);
  await page.waitForURL('**/compose');
}, '/'));

/** Opens the popup by this button and waits for the platform's page in it. */
async function consent(page, name) {
  const [window] = await Promise.all([page.context().waitForEvent('page'), page.getByRole('button', { name }).click()]);
  await see(window.locator('button[value="allow"]'));
  return window;
}

test('W5: an account that is connected while the page is reloaded appears, with its name', () => as(async (page) => {
  const window = await consent(page, 'Connect YouTube');
  await page.reload();
  await see(page.getByText('If the YouTube window is still open, continue there.'));
  await answerPopup(window);
  await see(page.getByText('Demo Studio is connected.'));
  await see(page.getByRole('article', { name: 'YouTube' }).getByText('@demostudio'));
  await gone(page.getByText('If the YouTube window is still open, continue there.'));
}));

test('W5: an outcome that comes before the page listens is shown, with the name', () => as(async (page, user) => {
  await user.tiktok();
  const first = Date.now();
  await page.reload();
  await see(page.getByRole('button', { name: 'Connect another TikTok' }));
  // Accounts that are connected within a second count as those of one sign-in.
  await page.waitForFunction((since) => Date.now() - since > 1000, first);
  const window = await consent(page, 'Connect another TikTok');
  await page.goto(`${world.origin}/favicon.svg`);
  await answerPopup(window);
  await page.goto(`${world.origin}/integrations`);
  await see(page.getByText('Demo Kitchen is connected.'));
  await page.reload();
  await see(page.getByText('@demokitchen'));
  assert.equal(await page.getByText('Demo Kitchen is connected.').count(), 0, 'it is said once');
}));

test('W5: a list of accounts that was read before the outcome is read again', () => as(async (page) => {
  const window = await consent(page, 'Connect YouTube');
  let release;
  const held = new Promise((resolve) => { release = resolve; });
  let asked;
  const read = new Promise((resolve) => { asked = resolve; });
  await page.route(/\/api\/social-accounts\?/, async (route) => {
    const response = await route.fetch();
    asked();
    await held;
    await route.fulfill({ response });
  }, { times: 1 });
  await page.reload();
  await read;
  await answerPopup(window);
  release();
  await see(page.getByText('Demo Studio is connected.'));
  await see(page.getByRole('article', { name: 'YouTube' }).getByText('@demostudio'));
}));

test('W5: a popup that has no page yet closes when its opener is reloaded', () => as(async (page) => {
  await page.route(/\/api\/social-accounts-connect/, () => {});
  const [window] = await Promise.all([page.context().waitForEvent('page'), page.getByRole('button', { name: 'Connect YouTube' }).click()]);
  const closed = window.waitForEvent('close');
  await page.reload();
  await closed;
}));

test('a popup that is closed midway says how it goes on, and the account still arrives', () => as(async (page, user) => {
  const window = await consent(page, 'Connect Instagram');
  await window.close();
  await see(page.getByText('The Instagram window was closed. If you are still signing in'));
  await user.connect('instagram', { account: 'demokitchen' });
  await see(page.getByText('Demo Kitchen is connected.'));
}));

test('a blocked popup offers the whole page instead, and comes back with the outcome', () => as(async (page) => {
  await page.evaluate(() => { window.open = () => null; });
  await page.getByRole('button', { name: 'Connect TikTok' }).click();
  await see(page.getByText('Your browser blocked the TikTok window.'));
  await page.getByRole('button', { name: 'Continue on this page' }).click();
  await page.locator('button[value="allow"]').click();
  await see(page.getByText('Demo Kitchen is connected.').or(page.getByText('Your TikTok account is connected.')));
  assert.equal(new URL(page.url()).search, '');
  await see(page.getByRole('article', { name: 'TikTok' }).getByText('@demokitchen'));
}));

test('a declined consent is said calmly', () => as(async (page) => {
  await popup(page, page.getByRole('button', { name: 'Connect TikTok' }), 'deny');
  await see(page.locator('.notice.info', { hasText: 'You didn’t allow access on TikTok' }));
}));

test('a Google account without a channel says what to do', () => as(async (page) => {
  await popup(page, page.getByRole('button', { name: 'Connect YouTube' }), 'allow', (window) => window.locator('input[value="watcher@gmail.example"]').check());
  await see(page.getByText('This Google account has no YouTube channel. Create one at youtube.com, then connect again.'));
}));

test('a personal Instagram account says what to do', () => as(async (page) => {
  await popup(page, page.getByRole('button', { name: 'Connect Instagram' }), 'allow', (window) => window.locator('input[value="just.me"]').check());
  await see(page.getByText('switch it to a business or creator account, then connect again'));
}));

test('W15: counts are in the words of the platform', () => as(async (page, user) => {
  await user.youtube();
  await user.connect('instagram', { account: 'demokitchen' });
  await page.reload();
  await see(page.getByRole('article', { name: 'YouTube' }).getByText(/subscribers/));
  await see(page.getByRole('article', { name: 'Instagram' }).getByText(/ posts/));
  assert.equal(await page.getByRole('article', { name: 'YouTube' }).getByText('followers').count(), 0);
}));

test('W16: a Page that cannot be published to is named', () => as(async (page) => {
  await popup(page, page.getByRole('button', { name: 'Connect Facebook' }));
  await see(page.getByText('2 Facebook Pages connected: Demo Bakery and Demo Kitchen. Reading Room left out: you can’t publish there.'));
}));

test('W4, W17: disconnect tells how many posts wait, takes effect at once, and folds the account away', () => as(async (page, user) => {
  const account = await user.instagram();
  const post = await user.post(account, { publishAt: user.tomorrow() });
  await page.reload();
  await page.getByRole('button', { name: /^Disconnect / }).click();
  await see(page.getByText('1 post waits for it and will be put on hold.'));
  await page.keyboard.press('Escape');
  await gone(page.getByRole('dialog'));
  await page.getByRole('button', { name: /^Disconnect / }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Disconnect' }).click();
  await see(page.getByText('is disconnected.'));
  const folded = page.getByRole('article', { name: 'Instagram' }).locator('details');
  await see(folded.getByText('1 disconnected'));
  assert.equal(await folded.evaluate((details) => details.open), false);
  await page.getByRole('link', { name: 'Posts' }).click();
  await see(page.getByRole('listitem').getByText('Reconnect needed'));
  await page.getByRole('link', { name: 'New post' }).click();
  await see(page.getByText('You have no account yet.'));
  await user.state(post, 'needsAttention');
}));

test('an account that needs reconnecting says why and goes on after it', () => as(async (page, user) => {
  const account = await user.tiktok();
  const post = await user.post(account, { publishAt: user.tomorrow() });
  await user.revoke(account);
  await user.state(post, 'needsAttention');
  await page.reload();
  const card = page.getByRole('article', { name: 'TikTok' });
  await see(card.getByText('Reconnect needed'));
  await see(card.getByText(/^The permission for this account has ended\..* Access ended .*\d:\d\d/s));
  await see(card.getByText('Its posts are on hold and continue after you reconnect it.'));
  await popup(page, card.getByRole('button', { name: /^Reconnect/ }), 'allow', (window) => window.locator('input[name="handle"]').fill(account.username));
  await see(card.getByText('Connected', { exact: true }));
  await user.state(post, 'scheduled');
}));

test('an account whose access ends within a week says so, and offers to reconnect', () => as(async (page, user) => {
  await user.instagram();
  await page.route(/\/api\/social-accounts\?/, async (route) => {
    const response = await route.fetch();
    const { accounts, ...rest } = await response.json();
    const expiresAt = new Date(Date.now() + 3 * 86_400_000).toISOString();
    await route.fulfill({ json: { accounts: accounts.map((account) => ({ ...account, expiresAt })), ...rest } });
  });
  await page.reload();
  const card = page.getByRole('article', { name: 'Instagram' });
  await see(card.getByText('Expiring', { exact: true }));
  await see(card.getByText(/^Access ends .*\. Reconnect it before then\.$/));
  await see(card.getByRole('button', { name: /^Reconnect/ }));
}));

test('W7: good news leaves after a while, an error stays, and a list that is out of date says so', () => as(async (page, user) => {
  await user.instagram();
  await page.reload();
  await page.getByRole('button', { name: /^Disconnect / }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Disconnect' }).click();
  await see(page.getByText(/is disconnected\./));
  await page.clock.runFor(9_000);
  await gone(page.getByText(/is disconnected\./));
  world.product.state.down = true;
  await page.getByRole('button', { name: 'Connect TikTok' }).click();
  await see(page.locator('.notice.bad'));
  await page.clock.runFor(60_000);
  await see(page.locator('.notice.bad'));
  await see(page.getByText('This list may be out of date. We’re trying to reach the server.'));
  world.product.state.down = false;
  await page.clock.runFor(20_000);
  await gone(page.getByText('This list may be out of date.'));
}, '/integrations', { clock: true }));

test('reconnecting as another account is refused with the reason', () => as(async (page, user) => {
  const account = await user.tiktok();
  await user.revoke(account);
  await page.reload();
  await popup(page, page.getByRole('button', { name: /^Reconnect/ }));
  await see(page.getByText('You signed in to a different TikTok account.'));
}));

test('a platform that is not set up says what the operator has to do, and offers no button', () => as(async (page) => {
  await setup(page, { youtube: { status: 'notSetUp', missing: ['YOUTUBE_CLIENT_ID', 'YOUTUBE_CLIENT_SECRET'] } });
  await page.reload();
  const card = page.getByRole('article', { name: 'YouTube' });
  await see(card.getByText('Not set up', { exact: true }));
  await see(card.getByText('The operator of this product has to set YOUTUBE_CLIENT_ID and YOUTUBE_CLIENT_SECRET first.'));
  assert.equal(await card.getByRole('button').count(), 0);
  await see(page.getByRole('button', { name: 'Connect TikTok' }));
}));
