// <social-posts> and <social-post>: what became of a post, and what can be done.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually, gone, open, popup, see } from './world.mjs';

const world = await open({ pages: { '/gone.mp4': { body: '', type: 'video/mp4', status: 404 } } });

async function as(run) {
  const user = world.user();
  await run(user);
  await user.close();
}

const list = (page) => page.getByRole('main').getByRole('listitem').filter({ has: page.locator('.title') });

test('posts are filtered by state, account and text', () => as(async (user) => {
  const one = await user.instagram();
  const two = await user.instagram();
  await user.post(one, { caption: 'Bread and butter', publishAt: user.tomorrow() });
  const cancelled = await user.post(two, { caption: 'Bread alone', publishAt: user.tomorrow() });
  await user.api(`social-posts/${cancelled.id}/cancel`, { method: 'POST' });
  const page = await user.page('/posts');
  await eventually(async () => assert.equal(await list(page).count(), 2));
  await page.getByLabel('State').selectOption('Cancelled');
  await eventually(async () => assert.deepEqual(await page.locator('.title').allInnerTexts(), ['Bread alone']));
  await page.getByLabel('State').selectOption('All states');
  await page.getByLabel('Account').selectOption(one.id);
  await eventually(async () => assert.deepEqual(await page.locator('.title').allInnerTexts(), ['Bread and butter']));
  await page.getByLabel('Account').selectOption('');
  await page.getByLabel('Search captions').fill('ALONE');
  await eventually(async () => assert.deepEqual(await page.locator('.title').allInnerTexts(), ['Bread alone']));
  await page.getByLabel('Search captions').fill('nothing like it');
  await page.getByRole('button', { name: 'Show all posts' }).click();
  await eventually(async () => assert.equal(await list(page).count(), 2));
}));

test('older posts are shown on demand', () => as(async (user) => {
  const account = await user.instagram();
  for (let at = 0; at < 23; at += 1) await user.post(account, { caption: `Post ${at}`, publishAt: user.tomorrow() });
  const page = await user.page('/posts');
  await eventually(async () => assert.equal(await list(page).count(), 20));
  await page.getByRole('button', { name: 'Show older posts' }).click();
  await eventually(async () => assert.equal(await list(page).count(), 23));
}));

test('the list links to a page for each post, and back keeps working', () => as(async (user) => {
  const post = await user.post(await user.instagram(), { caption: 'Mine', publishAt: user.tomorrow() });
  const page = await user.page('/posts');
  await page.getByRole('link', { name: 'Mine' }).click();
  await page.waitForURL(`**/posts/${post.id}`);
  await see(page.getByText('Mine'));
  await page.goBack();
  await see(page.getByLabel('Search captions'));
}));

test('W1: a public TikTok post gets its link', () => as(async (user) => {
  const account = await user.tiktok();
  const post = await user.post(account, {}, { privacy_level: 'PUBLIC_TO_EVERYONE' });
  const page = await user.page(`/posts/${post.id}`);
  await page.getByText('Published on TikTok').waitFor({ timeout: 40_000 });
  await page.getByRole('link', { name: 'Open on TikTok' }).waitFor({ timeout: 180_000 });
}));

test('W6: what goes now says “Sent”, and what waits for its turn says so', () => as(async (user) => {
  const account = await user.instagram();
  const posts = [];
  // They start eleven seconds apart, so the last one waits for most of a minute.
  for (let at = 0; at < 6; at += 1) posts.push(await user.post(account, { caption: `Post ${at}` }));
  const page = await user.page(`/posts/${posts[5].id}`);
  await see(page.getByText(/^Sent /));
  assert.equal(await page.getByText('Scheduled').count(), 0);
  await see(page.getByText('Waiting for its turn', { exact: true }));
  await page.goto(`${world.origin}/posts/${posts[1].id}`);
  await user.state(posts[1], 'published');
  await see(page.getByText('Published on Instagram'));
}));

test('A7: a waiting result says what it waits for: its turn, another try, the platform’s limit', () => as(async (user) => {
  const queued = await user.instagram();
  const posts = [];
  for (let at = 0; at < 6; at += 1) posts.push(await user.post(queued));
  const page = await user.page(`/posts/${posts[5].id}`);
  await see(page.getByText(/^Instagram takes one post of an account at a time\. This one starts .*\d:\d\d/));

  const troubled = await user.tiktok();
  await world.fault('creator_info', { kind: 'status', status: 500, times: 50, account: troubled.username });
  const tried = await user.post(troubled);
  await page.goto(`${world.origin}/posts/${tried.id}`);
  await see(page.getByText(/^The last try failed: the platform declined\. Next try (in a moment|at \d+:\d\d)/));

  const limited = await user.tiktok();
  await world.fault('creator_info', { kind: 'status', status: 200, code: 'spam_risk_too_many_posts', times: 50, account: limited.username });
  const held = await user.post(limited);
  await page.goto(`${world.origin}/posts/${held.id}`);
  const wait = page.getByText(/It continues automatically (at|on) .*\d:\d\d/);
  await see(wait);
  assert.doesNotMatch(await wait.first().innerText(), /retry automatically/, 'it is said once');
  await world.sandbox('faults', undefined, 'DELETE');
}));

test('an upload shows how much has been sent', () => as(async (user) => {
  const account = await user.connect('facebook');
  await world.sandbox('faults', { platform: 'facebook', endpoint: 'upload', kind: 'hangUpBefore', times: 50 });
  const post = await user.post(account);
  const page = await user.page(`/posts/${post.id}`);
  await see(page.getByRole('progressbar', { name: `Upload for ${account.accountMetadata.displayName}` }));
  await see(page.getByText(/^0 B of \d+ kB sent$/));
  await see(page.getByText(/^The last try failed: no response came\./));
  await world.sandbox('faults', undefined, 'DELETE');
}));

test('a post is followed to its link, with a timeline in plain words', () => as(async (user) => {
  const post = await user.post(await user.instagram());
  const page = await user.page(`/posts/${post.id}`);
  await user.state(post, 'published');
  await see(page.getByText('Published on Instagram'));
  await see(page.getByText('You created the post'));
  await see(page.getByText('Asked to publish'));
  await eventually(async () => assert((await user.api(`social-posts/${post.id}`)).results[0].platformUrl), 60_000);
  await see(page.getByRole('link', { name: 'Open on Instagram' }));
  assert.equal(await page.getByRole('table').isVisible().catch(() => false), false);
  await page.getByText('Technical details').click();
  await see(page.getByRole('columnheader', { name: 'Effect' }));
  await page.getByText('Embed', { exact: true }).click();
  await see(page.getByText('<iframe src="http'));
}));

test('W10: cancel asks first, and the way back is the default', () => as(async (user) => {
  const post = await user.post(await user.instagram(), { publishAt: user.tomorrow() });
  const page = await user.page(`/posts/${post.id}`);
  await page.getByRole('button', { name: 'Cancel post' }).click();
  await see(page.getByRole('dialog').getByText('Cancel this post?'));
  await page.keyboard.press('Enter');
  await gone(page.getByRole('dialog'));
  assert.equal((await user.api(`social-posts/${post.id}`)).state, 'scheduled');
  await page.getByRole('button', { name: 'Cancel post' }).click();
  await page.getByRole('button', { name: 'Cancel the post' }).click();
  await see(page.getByText('Cancelled', { exact: true }));
  await see(page.getByText(/^Was scheduled for /));
  assert.equal((await user.api(`social-posts/${post.id}`)).state, 'cancelled');
}));

test('W10: a scheduled post can be published now', () => as(async (user) => {
  const post = await user.post(await user.instagram(), { publishAt: user.tomorrow() });
  const page = await user.page(`/posts/${post.id}`);
  await page.getByRole('button', { name: 'Publish now' }).click();
  await user.state(post, 'published');
  await see(page.getByText('Published on Instagram'));
}));

test('W10: a post can be duplicated, and TikTok’s privacy is chosen again', () => as(async (user) => {
  const account = await user.tiktok();
  const post = await user.post(account, { caption: 'Once more', publishAt: user.tomorrow() });
  const page = await user.page(`/posts/${post.id}`);
  await page.getByRole('button', { name: 'Duplicate' }).click();
  await page.waitForURL('**/compose');
  assert.equal(await page.getByLabel('Caption', { exact: true }).inputValue(), 'Once more');
  assert(await page.locator(`[data-account="${account.id}"]`).isChecked());
  await page.locator('.accounts summary').first().click();
  await see(page.getByLabel('Who can view this video'));
  assert.equal(await page.getByLabel('Who can view this video').inputValue(), '');
}));

test('W11: a post whose video is wrong offers to replace it first, and saving tries again', () => as(async (user) => {
  const post = await user.post(await user.instagram(), { videoUrl: `${world.origin}/gone.mp4` });
  await user.state(post, 'failed');
  const page = await user.page('/posts');
  await see(page.getByText('There is no video at this link.'));
  await page.goto(`${world.origin}/posts/${post.id}`);
  await see(page.getByText('There is no video at this link.'));
  const buttons = page.locator('.results button');
  assert.equal((await buttons.first().innerText()).trim(), 'Replace the video');
  await buttons.first().click();
  await page.getByLabel('Video URL').fill(world.video);
  await page.getByRole('button', { name: 'Save and retry' }).click();
  await user.state(post, 'published');
  await see(page.getByText('Published on Instagram'));
  assert.equal(await page.getByText('There is no video at this link.').count(), 0);
}));

test('a setting that the platform refused is changed, and saving tries again', () => as(async (user) => {
  const account = await user.tiktok({ visibility: 'private' });
  const post = await user.post(account, {}, { privacy_level: 'PUBLIC_TO_EVERYONE' });
  await user.state(post, 'failed');
  const page = await user.page(`/posts/${post.id}`);
  await see(page.getByRole('button', { name: 'Edit and retry' }));
  assert.equal((await page.locator('.results button').first().innerText()).trim(), 'Edit and retry');
  await page.getByRole('button', { name: 'Edit and retry' }).click();
  const settings = page.getByRole('region', { name: /TikTok settings/ });
  await see(settings.getByLabel('Who can view this video'));
  await page.getByRole('button', { name: 'Save and retry' }).click();
  await see(settings.getByText('Choose who can view this video.'));
  await settings.getByLabel('Who can view this video').selectOption('SELF_ONLY');
  await see(settings.getByText('By posting, you agree to TikTok\'s Music Usage Confirmation'));
  await page.getByRole('button', { name: 'Save and retry' }).click();
  const { results: [result] } = await user.state(post, 'published');
  assert.equal(result.options.privacy_level, 'SELF_ONLY');
  assert.equal(result.consent.wording, 'By posting, you agree to TikTok\'s Music Usage Confirmation');
  await see(page.getByText('Published on TikTok'));
}));

test('a failed post is tried again by one button', () => as(async (user) => {
  const account = await user.tiktok();
  await world.fault('creator_info', { kind: 'status', status: 200, code: 'spam_risk_user_banned_from_posting', times: 1, account: account.username });
  const post = await user.post(account);
  await user.state(post, 'failed');
  const page = await user.page(`/posts/${post.id}`);
  await see(page.getByText('TikTok has banned this account from posting.'));
  await page.getByRole('button', { name: 'Retry', exact: true }).click();
  await see(page.getByText('We’re trying again.'));
  await user.state(post, 'published');
  await see(page.getByText('Published on TikTok'));
}));

test('a post that missed its time says so, and can be published after all', () => as(async (user) => {
  const late = new Date(Date.now() - 120_000).toISOString();
  const post = await user.post(await user.instagram(), { caption: 'Too late', publishAt: late, maxLateness: 60 });
  await user.state(post, 'expired');
  const page = await user.page(`/posts/${post.id}`);
  await see(page.getByText('Expired', { exact: true }));
  await page.getByRole('button', { name: 'Publish it now' }).click();
  await user.state(post, 'published');
  await see(page.getByText('Published on Instagram'));
}));

test('W12: an edit that meets another change keeps the text and shows both', () => as(async (user) => {
  const post = await user.post(await user.instagram(), { caption: 'Before', publishAt: user.tomorrow() });
  const page = await user.page(`/posts/${post.id}`);
  await page.getByRole('button', { name: 'Edit' }).click();
  await page.getByLabel('Caption').fill('Mine');
  await user.api(`social-posts/${post.id}`, { method: 'PATCH', body: { version: 1, caption: 'Theirs' } });
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await see(page.getByText('This post was changed in another window. Your text is still here.'));
  assert.equal(await page.getByLabel('Caption').inputValue(), 'Mine');
  await see(page.locator('.theirs', { hasText: 'Theirs' }));
  await page.getByRole('button', { name: 'Use this' }).click();
  assert.equal(await page.getByLabel('Caption').inputValue(), 'Theirs');
  await page.getByLabel('Caption').fill('Mine');
  await page.getByRole('button', { name: 'Save mine' }).click();
  await see(page.getByText('Saved.', { exact: true }));
  assert.equal((await user.api(`social-posts/${post.id}`)).caption, 'Mine');
}));

test('an edit changes caption and time, with weekday and time zone', () => as(async (user) => {
  const post = await user.post(await user.instagram(), { publishAt: user.tomorrow() });
  const page = await user.page(`/posts/${post.id}`);
  await page.getByRole('button', { name: 'Edit' }).click();
  await page.getByLabel('Date and time').fill('2027-07-01T10:00');
  await see(page.getByText(/Thu.* 10:00 CEST. Your time zone: Europe\/Berlin/));
  await page.getByLabel('Caption').fill('Changed');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await see(page.getByText(/^Scheduled for Thu/));
  assert.equal(Date.parse((await user.api(`social-posts/${post.id}`)).publishAt), Date.parse('2027-07-01T08:00:00Z'));
}));

test('an account that needs reconnecting is reconnected from the post, which then goes on', () => as(async (user) => {
  const account = await user.tiktok();
  const post = await user.post(account, { publishAt: user.tomorrow() });
  await user.revoke(account);
  await user.state(post, 'needsAttention');
  const page = await user.page(`/posts/${post.id}`);
  await popup(page, page.getByRole('button', { name: 'Reconnect' }), 'allow', (window) => window.locator('input[name="handle"]').fill(account.username));
  await see(page.getByText('Scheduled', { exact: true }));
}));

test('with popups blocked, an account is reconnected from the post on the whole page', () => as(async (user) => {
  const account = await user.tiktok();
  const post = await user.post(account, { publishAt: user.tomorrow() });
  await user.revoke(account);
  await user.state(post, 'needsAttention');
  const page = await user.page(`/posts/${post.id}`);
  await page.evaluate(() => { window.open = () => null; });
  await page.getByRole('button', { name: 'Reconnect' }).click();
  await see(page.getByText('Your browser blocked the TikTok window.'));
  await page.getByRole('button', { name: 'Continue on this page' }).click();
  await page.locator('input[name="handle"]').fill(account.username);
  await page.locator('button[value="allow"]').click();
  await see(page.getByText(/ is connected\./));
  assert.equal(new URL(page.url()).pathname, `/posts/${post.id}`);
  assert.equal(new URL(page.url()).search, '');
  await user.state(post, 'scheduled');
}));

const doubtful = async (user) => user.doubt(await user.tiktok());

test('an unclear result asks one question: yes, it’s there', () => as(async (user) => {
  const post = await doubtful(user);
  const page = await user.page(`/posts/${post.id}`);
  await see(page.getByText('We couldn’t confirm this post. Is the video on the TikTok profile?'));
  await see(page.getByRole('link', { name: 'Open the profile' }));
  await page.getByRole('button', { name: 'Yes, it’s there' }).click();
  await see(page.getByText('Published', { exact: true }));
}));

test('an unclear result is posted again only after a warning', () => as(async (user) => {
  const post = await doubtful(user);
  const page = await user.page(`/posts/${post.id}`);
  await page.getByRole('button', { name: 'No, post it again' }).click();
  await see(page.getByRole('dialog').getByText('it will be there twice'));
  await page.getByRole('button', { name: 'Go back' }).click();
  assert.equal((await user.api(`social-posts/${post.id}`)).state, 'needsAttention');
  await page.getByRole('button', { name: 'No, post it again' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Post it again' }).click();
  await user.state(post, 'published');
}));

test('a post of another user does not exist', () => as(async (user) => {
  const post = await user.post(await user.instagram(), { caption: 'Private', publishAt: user.tomorrow() });
  const other = world.user();
  const page = await other.page(`/posts/${post.id}`);
  await see(page.getByText('There is no such post, or it belongs to someone else.'));
  await page.getByRole('link', { name: 'Look at your posts' }).click();
  await see(page.getByText('No posts yet.'));
  await page.getByRole('link', { name: 'Integrations' }).click();
  await see(page.getByText('Connect an account first.'));
  await other.close();
}));
