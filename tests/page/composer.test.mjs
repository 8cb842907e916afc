// <social-composer>: what a person enters, what is checked, and that nothing is posted twice.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NARROW, WIDE, eventually, gone, mint, open, see } from './world.mjs';

const text = { body: 'This is no video.', type: 'video/mp4' };
const world = await open({ pages: { '/text.mp4': text, '/gone.mp4': { body: '', type: 'video/mp4', status: 404 } } });

/** Opens the composer with these accounts connected. */
async function compose(accounts, run, options) {
  const user = world.user();
  const connected = [];
  for (const connect of accounts) connected.push(await connect(user));
  const page = await user.page('/compose', options);
  await see(page.getByLabel('Video URL'));
  await run(page, user, ...connected);
  await user.close();
}

const tiktok = (changes) => (user) => user.tiktok(changes);
const instagram = (user) => user.instagram();
const facebook = (user) => user.connect('facebook');
const youtube = (user) => user.youtube();
const row = (page, account) => page.locator('.accounts > li', { has: page.locator(`[data-account="${account.id}"]`) });
const tick = (page, account) => page.locator(`[data-account="${account.id}"]`).check();
const fill = async (page, caption = 'Made by hand') => {
  await page.getByLabel('Video URL').fill(world.video);
  await page.getByLabel('Caption', { exact: true }).fill(caption);
};
const publish = (page, name = 'Publish') => page.getByRole('button', { name, exact: true }).click();
const ready = (page, account) => see(row(page, account).getByText('Ready', { exact: true }));
test('the empty form names what is missing, at its field, with the focus on the first', () => compose([instagram], async (page) => {
  await publish(page);
  await see(page.getByText('Enter the video’s web address, starting with https://.'));
  await see(page.getByText('Choose at least one account.'));
  await eventually(async () => assert.equal(await page.evaluate(() => {
    const composer = document.querySelector('social-composer');
    return composer.shadowRoot.activeElement?.id;
  }), 'video-url'));
}));

test('the facts of the video appear as soon as its URL is in', () => compose([instagram], async (page) => {
  await page.getByLabel('Video URL').fill(world.video);
  const facts = page.getByRole('list', { name: 'Facts of the video' });
  await see(facts.getByText('720 × 1280'));
  await see(facts.getByText('h264 + aac'));
}));

for (const [name, size] of [['wide', WIDE], ['narrow', NARROW]]) {
  test(`the player stands beside the URL, ${name}`, () => compose([instagram], async (page) => {
    await page.getByLabel('Video URL').fill(world.video);
    const player = await page.getByLabel('Preview of the video').boundingBox();
    const input = await page.getByLabel('Video URL').boundingBox();
    assert(player.x + player.width <= input.x, 'left of the input');
    assert(player.y < input.y + input.height && input.y < player.y + player.height, 'on the same height');
    assert(player.y + player.height <= size.height, 'without scrolling');
  }, { size }));
}

test('a verdict stands beside each account, without asking', () => compose([instagram, facebook], async (page, _user, insta, page1) => {
  await tick(page, insta);
  await see(row(page, insta).getByText('Needs a video'));
  await fill(page);
  await ready(page, insta);
  await tick(page, page1);
  await ready(page, page1);
}));

test('W3: a verdict is withdrawn as soon as something changes', () => compose([instagram], async (page, _user, insta) => {
  await tick(page, insta);
  await fill(page);
  await ready(page, insta);
  let release;
  const held = new Promise((resolve) => { release = resolve; });
  await page.route('**/api/social-posts/validate', async (route) => {
    await held;
    await route.continue();
  });
  await page.getByLabel('Video URL').fill(`${world.origin}/gone.mp4`);
  await see(row(page, insta).getByText('Checking…'));
  release();
  await see(page.getByText('There is no video at this link.'));
  await see(row(page, insta).getByText('Not ready'));
}));

test('a file that is no video is refused before anything is sent', () => compose([instagram], async (page, user, insta) => {
  await tick(page, insta);
  await page.getByLabel('Video URL').fill(`${world.origin}/text.mp4`);
  await see(page.getByText(/doesn't lead to a video/));
  assert.deepEqual((await user.api('social-posts')).posts, []);
}));

test('W8: an error stands at its account, in one sentence', () => compose([tiktok({ longestVideoSeconds: 3 }), tiktok()], async (page, _user, short, long) => {
  await tick(page, short);
  await tick(page, long);
  await fill(page);
  await see(row(page, short).getByText('Not ready'));
  const sentence = /6 s long|lasts 6 s/;
  await eventually(async () => assert.equal(await row(page, short).getByText(sentence).count(), 1));
  assert.equal(await row(page, long).getByText(sentence).count(), 0);
  await publish(page);
  await see(row(page, long).getByText('Choose who can view this video.'));
}));

test('an account may have a different caption, and each platform counts its own way', () => compose([instagram, youtube], async (page, user, insta, channel) => {
  await tick(page, insta);
  await tick(page, channel);
  await fill(page, 'Grüße 👋');
  await see(page.getByText('Instagram 7 / 2,200'));
  await see(page.getByText('YouTube 12 / 5,000 bytes'));
  await row(page, channel).getByRole('button', { name: /Write a different caption/ }).click();
  await row(page, channel).getByLabel(/^Caption on YouTube/).fill('Only on the channel');
  await row(page, channel).getByLabel('Who can view this video').selectOption('unlisted');
  await row(page, channel).getByLabel('No', { exact: true }).check();
  await publish(page);
  await page.waitForURL('**/posts/*');
  const [post] = (await user.api('social-posts')).posts;
  assert.equal(post.caption, 'Grüße 👋');
  assert.equal(post.results.find(({ platform }) => platform === 'youtube').caption, 'Only on the channel');
  assert.equal(post.results.find(({ platform }) => platform === 'instagram').caption, undefined);
}));

test('a caption that is too long is said for its platform', () => compose([instagram], async (page, _user, insta) => {
  await tick(page, insta);
  await fill(page, 'x'.repeat(2201));
  await see(page.getByText('Shorten the caption to 2200 characters for Instagram.'));
  await see(row(page, insta).getByText('Not ready'));
}));

test('all TikTok accounts may share the same settings', () => compose([tiktok(), tiktok({ visibility: 'private' })], async (page, user, first, second) => {
  await tick(page, first);
  await tick(page, second);
  await fill(page);
  await row(page, first).getByLabel('Same settings for all 2 TikTok accounts').check();
  await see(row(page, second).getByText(/Same settings as/));
  const privacy = row(page, first).getByLabel('Who can view this video');
  await eventually(async () => assert.deepEqual(await privacy.locator('option').evaluateAll((all) => all.map(({ value }) => value)), ['', 'MUTUAL_FOLLOW_FRIENDS', 'SELF_ONLY']));
  await privacy.selectOption('SELF_ONLY');
  await publish(page);
  await page.waitForURL('**/posts/*');
  const [post] = (await user.api('social-posts')).posts;
  assert.deepEqual(post.results.map(({ options }) => options.privacy_level), ['SELF_ONLY', 'SELF_ONLY']);
}));

test('settings are folded unless a choice is missing, and the AI label is set once for all platforms', () => compose([tiktok(), instagram, youtube], async (page, user, ...all) => {
  for (const account of all) await tick(page, account);
  // Settings are open where something is to be chosen, and folded where nothing is.
  await eventually(async () => assert.deepEqual(await page.locator('.accounts .inside > details').evaluateAll((found) => found.map(({ open }) => open)), [true, true, false]));
  await fill(page);
  await page.getByLabel('Made with AI').check();
  for (const select of await page.getByLabel('Who can view this video').all()) await select.selectOption({ index: 1 });
  await page.getByLabel('No', { exact: true }).check();
  await publish(page);
  await page.waitForURL('**/posts/*');
  const [post] = (await user.api('social-posts')).posts;
  assert.deepEqual(post.results.map(({ aiGenerated }) => aiGenerated), [true, true, true]);
}));

test('the cover frame is chosen in the player, with its picture', () => compose([instagram, facebook], async (page, user, insta) => {
  await tick(page, insta);
  await fill(page);
  await eventually(() => page.getByLabel('Preview of the video').evaluate((video) => {
    if (!video.duration) throw new Error('not loaded');
    video.currentTime = 2;
  }));
  await page.getByRole('button', { name: 'Use current frame' }).click();
  await see(page.getByText('at 2 s'));
  await eventually(async () => assert.equal(await page.locator('#cover').evaluate((video) => video.currentTime), 2));
  await publish(page);
  await page.waitForURL('**/posts/*');
  assert.equal((await user.api('social-posts')).posts[0].results[0].options.thumb_offset, 2000);
}));

test('a time has its weekday and time zone; the past is refused', () => compose([instagram], async (page, user, insta) => {
  await tick(page, insta);
  await fill(page);
  await page.getByLabel('Later').check();
  await see(page.getByText('Your time zone: Europe/Berlin.'));
  await page.getByLabel('Date and time').fill('2020-01-01T10:00');
  await see(page.getByText('Choose a time in the future.'));
  await page.getByLabel('Date and time').fill('2027-07-01T10:00');
  await see(page.getByText(/Thu,? 1 July? 2027,? 10:00 CEST|Thu, 1 Jul 2027, 10:00 CEST/));
  await publish(page, 'Schedule');
  await page.waitForURL('**/posts/*');
  assert.equal(Date.parse((await user.api('social-posts')).posts[0].publishAt), Date.parse('2027-07-01T08:00:00Z'));
}));

test('W14: what was entered outlasts a reload', () => compose([instagram, youtube], async (page, _user, insta, channel) => {
  await tick(page, insta);
  await tick(page, channel);
  await fill(page, 'Not lost');
  await row(page, channel).getByLabel('Who can view this video').selectOption('unlisted');
  await page.reload();
  await see(page.getByLabel('Video URL'));
  assert.equal(await page.getByLabel('Video URL').inputValue(), world.video);
  assert.equal(await page.getByLabel('Caption', { exact: true }).inputValue(), 'Not lost');
  assert(await page.locator(`[data-account="${insta.id}"]`).isChecked());
  await row(page, channel).getByText('Settings').click();
  assert.equal(await row(page, channel).getByLabel('Who can view this video').inputValue(), 'unlisted');
}));

test('W14: after a lost response and a reload, pressing again posts once', () => compose([instagram], async (page, user, insta) => {
  await tick(page, insta);
  await fill(page, 'Once only');
  world.product.state.lose = (request) => request.method === 'POST' && request.url === '/api/social-posts';
  await publish(page);
  await see(page.getByText('It’s safe to press the button again. It won’t post twice.'));
  world.product.state.lose = () => false;
  await page.reload();
  await see(page.getByLabel('Video URL'));
  await publish(page);
  await page.waitForURL('**/posts/*');
  assert.equal((await user.api('social-posts')).posts.length, 1);
}));

test('W14: a form changed after a lost response is not posted as well, unless the person says so', () => compose([instagram], async (page, user, insta) => {
  await tick(page, insta);
  await fill(page, 'First version');
  world.product.state.lose = (request) => request.method === 'POST' && request.url === '/api/social-posts';
  await publish(page);
  await see(page.getByText('It won’t post twice.'));
  world.product.state.lose = () => false;
  await page.getByLabel('Caption', { exact: true }).fill('Second version');
  await publish(page);
  await see(page.getByText('Your earlier version was accepted, so this one was not posted.'));
  const [again] = await Promise.all([page.waitForResponse((response) => response.request().method() === 'POST' && response.url().endsWith('/api/social-posts')), publish(page)]);
  assert.equal(again.status(), 422);
  await see(page.getByText('Your earlier version was accepted'));
  assert.equal((await user.api('social-posts')).posts.length, 1);
  await page.getByRole('button', { name: 'post this as another one' }).click();
  await publish(page);
  await page.waitForURL('**/posts/*');
  assert.equal((await user.api('social-posts')).posts.length, 2);
}));

test('W14: a session that ends between two tries does not make two posts', async () => {
  let ended = false;
  const user = world.user();
  const insta = await user.instagram();
  const page = await user.page('/compose', { token: () => mint(user.name, ended ? -3600 : 3600) });
  await tick(page, insta);
  await fill(page, 'Still once');
  world.product.state.lose = (request) => request.method === 'POST' && request.url === '/api/social-posts';
  await publish(page);
  await see(page.getByText('It won’t post twice.'));
  world.product.state.lose = () => false;
  ended = true;
  await publish(page);
  await see(page.getByText('Your session has ended. Sign in again.'));
  ended = false;
  await page.getByRole('button', { name: 'Try again' }).click();
  await publish(page);
  await page.waitForURL('**/posts/*');
  assert.equal((await user.api('social-posts')).posts.length, 1);
  await user.close();
});

test('W7: an old notice does not stand beside the next try', () => compose([instagram], async (page, _user, insta) => {
  await tick(page, insta);
  await fill(page);
  world.product.state.down = true;
  await publish(page);
  await see(page.getByText('It’s safe to press the button again.'));
  world.product.state.down = false;
  await page.getByLabel('Caption', { exact: true }).fill('Changed');
  await gone(page.getByText('The server did not respond.'));
}));

test('W19: TikTok needs a caption, and the form says so', () => compose([tiktok()], async (page, _user, account) => {
  await tick(page, account);
  await page.getByLabel('Video URL').fill(world.video);
  await row(page, account).getByLabel('Who can view this video').selectOption('SELF_ONLY');
  await see(row(page, account).getByText('1 field left'));
  await publish(page);
  await see(page.getByText('Add a caption.'));
  await page.getByLabel('Caption', { exact: true }).fill('There');
  await gone(page.getByText('Add a caption.'));
  await ready(page, account);
}));

test('changes in quick succession make one check, and stale ones are withdrawn', () => compose([instagram], async (page, _user, insta) => {
  const checks = () => world.product.state.calls.filter((call) => call === 'POST /api/social-posts/validate').length;
  const before = checks();
  const began = Date.now();
  await tick(page, insta);
  await fill(page, '');
  await page.getByLabel('Caption', { exact: true }).pressSequentially('Twenty-four characters !!');
  await ready(page, insta);
  // One at the start, one at the end, and one in three seconds of typing.
  const most = 2 + Math.floor((Date.now() - began) / 3000);
  assert(checks() - before <= most, `${checks() - before} checks`);
}));
