// <social-calendar>: a month and a week, moved by dragging and by keys.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NARROW, eventually, open, see } from './world.mjs';

const world = await open();

async function as(run, options) {
  const user = world.user();
  await run(user, options);
  await user.close();
}

const two = (number) => String(number).padStart(2, '0');
const day = (date) => `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
// In the middle of next month there are days before and after.
const middle = new Date(new Date().getFullYear(), new Date().getMonth() + 1, 15, 12);
const near = (days) => new Date(middle.getTime() + days * 86_400_000);
const next = (page) => page.getByRole('button', { name: /^Next/ }).click();
const cell = (page, date) => page.locator(`td[data-day="${day(date)}"]`);
const moved = (user, post, date) => eventually(async () => {
  const { publishAt } = await user.api(`social-posts/${post.id}`);
  assert.equal(new Date(publishAt).toISOString(), date.toISOString());
});

test('a month shows the posts of all accounts at their time, with a word for the state', () => as(async (user) => {
  const [one, other] = [await user.instagram(), await user.instagram()];
  await user.post(one, { caption: 'In the middle', publishAt: middle.toISOString() });
  await user.post(other, { caption: 'A day later', publishAt: near(1).toISOString() });
  const page = await user.page('/calendar');
  await next(page);
  await see(cell(page, middle).getByText('In the middle'));
  await see(cell(page, middle).getByText('Scheduled'));
  await see(cell(page, near(1)).getByText('A day later'));
}));

test('a post is dragged to another day, keeps its hour, and can be put back', () => as(async (user) => {
  const post = await user.post(await user.instagram(), { caption: 'Drag me', publishAt: middle.toISOString() });
  const page = await user.page('/calendar');
  await next(page);
  await page.getByRole('link', { name: /Drag me/ }).dragTo(cell(page, near(2)));
  await see(cell(page, near(2)).getByText('Drag me'));
  await moved(user, post, near(2));
  await page.getByRole('button', { name: 'Undo' }).click();
  await moved(user, post, middle);
}));

test('a post is moved by keys: several presses make one change', () => as(async (user) => {
  const post = await user.post(await user.instagram(), { caption: 'Key me', publishAt: middle.toISOString() });
  const page = await user.page('/calendar');
  await next(page);
  await page.getByRole('link', { name: /Key me/ }).focus();
  for (let at = 0; at < 3; at += 1) await page.keyboard.press('Alt+ArrowRight');
  await page.keyboard.press('Alt+ArrowUp');
  await see(cell(page, near(-4)).getByText('Key me'));
  await moved(user, post, near(-4));
  assert.equal((await user.api(`social-posts/${post.id}`)).version, 2);
}));

test('a week has hours, and dragging or a key chooses one', () => as(async (user) => {
  const post = await user.post(await user.instagram(), { caption: 'At an hour', publishAt: middle.toISOString() });
  const page = await user.page('/calendar');
  await next(page);
  await page.getByRole('button', { name: 'Week' }).click();
  while (!(await page.locator(`td[data-day="${day(middle)}"]`).count())) await next(page);
  await see(page.getByRole('link', { name: /At an hour/ }));
  await page.getByRole('link', { name: /At an hour/ }).dragTo(page.locator(`td[data-day="${day(middle)}"][data-hour="17"]`));
  const at = (hour) => eventually(async () => {
    const time = new Date((await user.api(`social-posts/${post.id}`)).publishAt);
    assert.equal(time.toLocaleTimeString('en-GB', { timeZone: 'Europe/Berlin', hour: '2-digit', minute: '2-digit' }), `${hour}:${two(middle.getMinutes())}`);
  });
  await at(17);
  await page.getByRole('link', { name: /At an hour/ }).focus();
  await page.keyboard.press('Alt+ArrowDown');
  await at(18);
}));

test('a move that meets another change says so, and shows the post where it is', () => as(async (user) => {
  const post = await user.post(await user.instagram(), { caption: 'Moved twice', publishAt: middle.toISOString() });
  const page = await user.page('/calendar');
  await next(page);
  await see(cell(page, middle).getByText('Moved twice'));
  await user.api(`social-posts/${post.id}`, { method: 'PATCH', body: { version: 1, publishAt: near(3).toISOString() } });
  await page.getByRole('link', { name: /Moved twice/ }).dragTo(cell(page, near(2)));
  await see(page.getByText(/^This post was changed in another window\./));
  await see(cell(page, near(3)).getByText('Moved twice'));
}));

test('a post cannot be moved into the past', () => as(async (user) => {
  const soon = new Date(Date.now() + 3600_000);
  await user.post(await user.instagram(), { caption: 'Not back', publishAt: soon.toISOString() });
  const page = await user.page('/calendar');
  await page.getByRole('link', { name: /Not back/ }).focus();
  await page.keyboard.press('Alt+ArrowUp');
  await see(page.getByText('A post can only be moved to a time in the future.'));
}));

test('a day starts a new post at that day', () => as(async (user) => {
  await user.instagram();
  const page = await user.page('/calendar');
  await next(page);
  await cell(page, middle).hover();
  await cell(page, middle).getByRole('button', { name: /^New post on/ }).click();
  await page.waitForURL('**/compose');
  assert.equal(await page.getByLabel('Date and time').inputValue(), `${day(middle)}T09:00`);
}));

test('what waits for a window is shown at the time at which it goes on', () => as(async (user) => {
  const account = await user.tiktok();
  await world.fault('creator_info', { kind: 'status', status: 200, code: 'spam_risk_too_many_posts', times: 50, account: account.username });
  const post = await user.post(account, { caption: 'Over the limit' });
  const held = await eventually(async () => {
    const { results: [result] } = await user.api(`social-posts/${post.id}`);
    assert.equal(result.state, 'held');
    return new Date(result.heldUntil);
  }, 30_000);
  await world.sandbox('faults', undefined, 'DELETE');
  const page = await user.page('/calendar');
  const berlin = new Date(held.toLocaleString('en-US', { timeZone: 'Europe/Berlin' }));
  if (berlin.getMonth() !== new Date().getMonth()) await next(page);
  await see(cell(page, berlin).getByText('On hold'));
}));

test('a narrow calendar lists the days that have something', () => as(async (user) => {
  await user.post(await user.instagram(), { caption: 'Small screen', publishAt: middle.toISOString() });
  const page = await user.page('/calendar', { size: NARROW });
  await next(page);
  await see(page.getByRole('link', { name: /Small screen/ }));
  assert.equal(await cell(page, near(3)).isVisible(), false);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360);
}));

test('a narrow week lists its days by name, in their order', () => as(async (user) => {
  const account = await user.instagram();
  const late = new Date(middle.getFullYear(), middle.getMonth(), middle.getDate(), 20);
  await user.post(account, { caption: 'In the evening', publishAt: late.toISOString() });
  const page = await user.page('/calendar', { size: NARROW });
  await next(page);
  await page.getByRole('button', { name: 'Week' }).click();
  while (!(await page.locator(`td[data-day="${day(middle)}"]`).count())) await next(page);
  const shown = cell(page, middle);
  await see(shown.getByRole('link', { name: /In the evening/ }));
  await see(shown.getByText(middle.toLocaleDateString('en-GB', { weekday: 'long', day: 'numeric', month: 'long' })));
}));
