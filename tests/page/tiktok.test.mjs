// TikTok's Content Sharing Guidelines, row by row: the audit looks at each of them.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { eventually, gone, open, popup, see, setup } from './world.mjs';

const world = await open({ pages: { '/photo.jpg': { body: Buffer.from('ffd8ffe000104a464946000101', 'hex'), type: 'image/jpeg' } } });
const NOT_PRIVATE = 'Branded content visibility cannot be set to private.';
const UNDECLARED = 'You need to indicate if your content promotes yourself, a third party, or both.';

async function audit(run, changes = {}, before = async () => {}) {
  const user = world.user();
  const account = await user.tiktok(changes);
  await before(account, user);
  const page = await user.page('/compose');
  await page.getByLabel('Video URL').fill(world.video);
  await page.getByLabel('Caption', { exact: true }).fill('For the audit');
  await page.locator(`[data-account="${account.id}"]`).check();
  const settings = page.getByRole('region', { name: /TikTok settings/ });
  await run(page, settings, user, account);
  await user.close();
}

const privacy = (settings) => settings.getByLabel('Who can view this video');
const publish = (page) => page.getByRole('button', { name: 'Publish', exact: true });

/** Publishes from the page, for the creator alone, and waits until TikTok has published it. */
async function published(page, settings, user) {
  await privacy(settings).selectOption('SELF_ONLY');
  await publish(page).click();
  await page.waitForURL('**/posts/*');
  const [post] = (await user.api('social-posts')).posts;
  return user.state(post, 'published');
}

/** How often the worker has sent TikTok a part of a video. */
const uploads = async () => (await world.sandbox('calls', undefined, 'GET')).calls['tiktok/upload'] ?? 0;

test('G1: TikTok receives the file as it is, and nothing lies over its preview', () => audit(async (page, settings, user, account) => {
  const free = (video) => {
    const { x, y, width, height } = video.getBoundingClientRect();
    const top = (right, down) => video.getRootNode().elementFromPoint(x + width * right, y + height * down);
    return width > 0 && [[0.5, 0.5], [0.1, 0.1], [0.9, 0.1], [0.1, 0.9], [0.9, 0.9]].every(([right, down]) => top(right, down) === video);
  };
  await eventually(async () => assert(await page.getByLabel('Preview of the video').evaluate(free)));
  await published(page, settings, user);
  const file = createHash('sha256').update(Buffer.from(await (await fetch(world.video)).arrayBuffer())).digest('hex');
  const received = (await world.sandbox('published', undefined, 'GET')).published.filter(({ username }) => username === account.username);
  assert.deepEqual(received.map(({ sha256 }) => sha256), [file]);
}));

test('U1: the creator’s settings are read each time the account is chosen', () => audit(async (page, settings, _user, account) => {
  await see(privacy(settings));
  const asked = () => world.product.state.calls.filter((call) => call === `GET /api/social-accounts/${account.id}/posting-options`).length;
  const before = asked();
  await page.locator(`[data-account="${account.id}"]`).uncheck();
  await page.locator(`[data-account="${account.id}"]`).check();
  await eventually(() => assert.equal(asked(), before + 1));
}));

test('U2: the creator’s nickname and handle say who posts', () => audit(async (_page, settings, _user, account) => {
  await see(settings.getByText(/Posting to TikTok as/));
  await see(settings.getByText(account.accountMetadata.displayName));
  await see(settings.getByText(`@${account.username}`));
}));

test('U3, W2, W9: a creator who cannot post now is told so, and it stays until it is answered', () => audit(async (page, settings, user) => {
  const refusal = settings.locator('[data-refusal]');
  await see(refusal);
  assert.doesNotMatch(await refusal.innerText(), /\d{3,} s\b/, 'no raw seconds');
  await see(settings.getByRole('button', { name: 'Try again' }));
  assert.equal(await publish(page).getAttribute('aria-disabled'), 'true');
  await publish(page).click({ force: true });
  await page.getByLabel('Caption', { exact: true }).fill('Changed');
  await see(refusal);
  assert.equal(await settings.getByRole('button', { name: 'Try again' }).count(), 1);
  assert.deepEqual((await user.api('social-posts')).posts, []);
  await world.sandbox('faults', undefined, 'DELETE');
  await settings.getByRole('button', { name: 'Try again' }).click();
  await see(privacy(settings));
  await gone(refusal);
  // The check asks TikTok too, so one fault would not always meet the settings.
}, {}, (account) => world.fault('creator_info', { kind: 'status', status: 200, code: 'spam_risk_too_many_posts', times: 50, account: account.username })));

test('U4: the longest video of the account is shown and compared', () => audit(async (page, settings) => {
  await see(settings.getByText('This account can post videos of up to 4 s.'));
  await see(page.getByText(/6 s long.*up to 4 s|lasts 6 s/));
}, { longestVideoSeconds: 4 }));

test('U5, P2: the caption is the person’s own, and nothing is added', () => audit(async (page, settings, user) => {
  await privacy(settings).selectOption('SELF_ONLY');
  await publish(page).click();
  await page.waitForURL('**/posts/*');
  assert.equal((await user.api('social-posts')).posts[0].caption, 'For the audit');
}));

test('U6: privacy is chosen by hand, from what the account offers, without a default', () => audit(async (page, settings) => {
  await see(privacy(settings));
  assert.equal(await privacy(settings).inputValue(), '');
  const offered = await privacy(settings).locator('option').evaluateAll((all) => all.map(({ value }) => value));
  assert(offered.includes('SELF_ONLY') && !offered.includes('PUBLIC_TO_EVERYONE'), `a private account offers no public posts: ${offered}`);
  await publish(page).click();
  await see(settings.getByText('Choose who can view this video.'));
}, { visibility: 'private' }));

test('U7: comment, duet and stitch are off at first', () => audit(async (page, settings, user) => {
  for (const name of ['Comment', 'Duet', 'Stitch']) assert.equal(await settings.getByLabel(name, { exact: true }).isChecked(), false);
  await privacy(settings).selectOption('SELF_ONLY');
  await settings.getByLabel('Comment', { exact: true }).check();
  await publish(page).click();
  await page.waitForURL('**/posts/*');
  const { options } = (await user.api('social-posts')).posts[0].results[0];
  assert.deepEqual([options.disable_comment, options.disable_duet, options.disable_stitch], [false, true, true]);
}));

test('U8: what the account has turned off is greyed, with the reason', () => audit(async (_page, settings) => {
  await see(settings.getByText('Turned off in this TikTok account’s settings: comments, Duet.'));
  assert(await settings.getByLabel('Comment', { exact: true }).isDisabled());
  assert(await settings.getByLabel('Duet', { exact: true }).isDisabled());
  assert(await settings.getByLabel('Stitch', { exact: true }).isEnabled());
}, { comments: 'disabled', duets: 'disabled' }));

test('U9: a photo is refused, so no rule for photos applies', () => audit(async (page, settings, user, account) => {
  await privacy(settings).selectOption('SELF_ONLY');
  await page.getByLabel('Video URL').fill(`${world.origin}/photo.jpg`);
  await see(page.getByText('We can\'t publish this file format.'));
  await see(page.locator('.accounts > li', { has: page.locator(`[data-account="${account.id}"]`) }).getByText('Not ready'));
  assert.deepEqual((await user.api('social-posts')).posts, []);
}));

test('U10, C7: the consent line stands above the button, with its links', () => audit(async (page, settings) => {
  await see(privacy(settings));
  const consent = page.locator('.consent');
  assert.equal((await consent.innerText()).trim(), 'By posting, you agree to TikTok\'s Music Usage Confirmation');
  assert.equal(await consent.getByRole('link').getAttribute('href'), 'https://www.tiktok.com/legal/page/global/music-usage-confirmation/en');
  const [line, button] = [await consent.boundingBox(), await publish(page).boundingBox()];
  assert(line.y + line.height <= button.y);
  await settings.getByLabel('This video promotes goods, services or a brand').check();
  await settings.getByLabel('Your brand').check();
  assert.equal((await consent.innerText()).trim(), 'By posting, you agree to TikTok\'s Music Usage Confirmation');
  await settings.getByLabel('Branded content').check();
  assert.equal((await consent.innerText()).trim(), 'By posting, you agree to TikTok\'s Branded Content Policy and Music Usage Confirmation');
  assert.equal(await consent.getByRole('link').first().getAttribute('href'), 'https://www.tiktok.com/legal/page/global/bc-policy/en');
}));

test('U10, P3: the time and the wording agreed to are stored with the post', () => audit(async (page, settings, user) => {
  const before = Date.now();
  await privacy(settings).selectOption('SELF_ONLY');
  await publish(page).click();
  await page.waitForURL('**/posts/*');
  const { consent } = (await user.api('social-posts')).posts[0].results[0];
  assert.equal(consent.wording, 'By posting, you agree to TikTok\'s Music Usage Confirmation');
  assert(Date.parse(consent.at) >= before - 1000 && Date.parse(consent.at) <= Date.now() + 1000);
}));

test('C1: the disclosure switch is off, and on shows both boxes', () => audit(async (_page, settings) => {
  const toggle = settings.getByRole('switch', { name: 'This video promotes goods, services or a brand' });
  assert.equal(await toggle.isChecked(), false);
  assert.equal(await settings.getByLabel('Your brand').count(), 0);
  await toggle.check();
  assert.equal(await settings.getByLabel('Your brand').isChecked(), false);
  assert.equal(await settings.getByLabel('Branded content').isChecked(), false);
}));

test('C2, C3: the label is named only after a choice', () => audit(async (_page, settings) => {
  await settings.getByRole('switch').check();
  assert.equal(await settings.getByText('Your photo/video will be labeled as').count(), 0);
  await settings.getByLabel('Your brand').check();
  await see(settings.getByText('Your photo/video will be labeled as \'Promotional content\''));
  await settings.getByLabel('Branded content').check();
  await see(settings.getByText('Your photo/video will be labeled as \'Paid partnership\''));
  await settings.getByLabel('Your brand').uncheck();
  await see(settings.getByText('Your photo/video will be labeled as \'Paid partnership\''));
}));

test('C4: with the switch on and nothing chosen, publishing is disabled with the hint', () => audit(async (page, settings) => {
  await privacy(settings).selectOption('SELF_ONLY');
  await settings.getByRole('switch').check();
  await eventually(async () => assert.equal(await publish(page).getAttribute('aria-disabled'), 'true'));
  assert.equal(await publish(page).getAttribute('title'), UNDECLARED);
  await settings.getByLabel('Your brand').check();
  await eventually(async () => assert.equal(await publish(page).getAttribute('aria-disabled'), 'false'));
}));

test('C5: with “Only me” branded content is disabled, with the hint', () => audit(async (_page, settings) => {
  await privacy(settings).selectOption('SELF_ONLY');
  await settings.getByRole('switch').check();
  assert(await settings.getByLabel('Branded content').isDisabled());
  assert.equal(await settings.locator('[title]', { hasText: 'Branded content' }).first().getAttribute('title'), NOT_PRIVATE);
  await see(settings.getByText(NOT_PRIVATE));
}));

test('C6: with branded content “Only me” is disabled, with the hint', () => audit(async (_page, settings) => {
  await see(privacy(settings));
  await settings.getByRole('switch').check();
  await settings.getByLabel('Branded content').check();
  const option = privacy(settings).locator('option[value="SELF_ONLY"]');
  assert(await option.evaluate((node) => node.disabled));
  assert.equal(await option.getAttribute('title'), NOT_PRIVATE);
  await see(settings.getByText(NOT_PRIVATE));
}));

test('P1: the content is previewed', () => audit(async (page) => {
  await eventually(async () => assert(await page.getByLabel('Preview of the video').evaluate((video) => video.videoWidth === 720)));
}));

test('P3: nothing is sent before the person presses the button', () => audit(async (page, settings, user) => {
  await privacy(settings).selectOption('SELF_ONLY');
  await see(page.getByText('Ready', { exact: true }));
  assert.deepEqual((await user.api('social-posts')).posts, []);
}));

test('P4: the person is told that processing may take a few minutes', () => audit(async (page) => {
  await see(page.getByText('it may take a few minutes for the video to be processed'));
}));

test('P5: the state is followed to the end', () => audit(async (page, settings) => {
  await privacy(settings).selectOption('SELF_ONLY');
  await publish(page).click();
  await page.waitForURL('**/posts/*');
  await page.getByText('Published on TikTok').waitFor({ timeout: 40_000 });
}));

test('T1: nothing that reaches the browser has TikTok’s secret or a token of the creator', async () => {
  const user = world.user();
  const page = await user.page('/integrations');
  const said = [];
  const kept = async (response) => {
    const text = /video|image/.test(response.headers()['content-type']) ? '' : await response.text().catch(() => '');
    said.push(`${response.url()} ${JSON.stringify(response.headers())} ${text}`);
  };
  const reading = [];
  page.context().on('response', (response) => reading.push(kept(response)));
  await page.reload();
  await popup(page, page.getByRole('button', { name: 'Connect TikTok' }));
  await page.getByRole('link', { name: 'Write a post' }).click();
  await page.getByLabel('Video URL').fill(world.video);
  await page.getByLabel('Caption', { exact: true }).fill('For the audit');
  await page.locator('[data-account]').check();
  await published(page, page.getByRole('region', { name: /TikTok settings/ }), user);
  await page.getByText('Technical details').click();
  await see(page.getByRole('columnheader', { name: 'Effect' }));
  await Promise.all(reading);
  const all = said.join('\n');
  for (const part of ['client_key=', '/posting-options', '/attempts']) assert(all.includes(part), `${part} was seen`);
  assert(!all.includes(await world.secret('SANDBOX_TIKTOK_CLIENT_SECRET')));
  assert.doesNotMatch(all, /\b(act|rft)\.\w{20}/);
  await user.close();
});

test('T2: a video below a verified prefix is downloaded by TikTok itself', () => audit(async (page, settings, user) => {
  await page.getByLabel('Video URL').fill(`${world.origin}/pull/sample.mp4`);
  const before = await uploads();
  await published(page, settings, user);
  assert.equal(await uploads(), before);
}));

test('T3: a video elsewhere is uploaded, and a prefix that TikTok does not accept is said', () => audit(async (page, settings, user, account) => {
  const before = await uploads();
  await published(page, settings, user);
  assert(await uploads() > before);
  await world.fault('video_init', { kind: 'status', status: 403, code: 'url_ownership_unverified', times: 1, account: account.username });
  const refused = await user.post(account, { videoUrl: `${world.origin}/pull/sample.mp4` });
  await page.goto(`${world.origin}/posts/${refused.id}`);
  await see(page.getByText('TikTok doesn\'t accept videos from this web address.'));
}));

test('L1: before the audit the page says what TikTok accepts, before a post fails', () => audit(async (page, settings) => {
  await see(privacy(settings));
  const hint = settings.getByText('TikTok hasn’t audited this app yet. Until then it accepts “Only me”, from private accounts.');
  assert.equal(await hint.count(), 0);
  await setup(page, { tiktok: { audited: false } });
  await page.reload();
  await page.locator('.accounts summary').first().click();
  await see(hint);
}));

test('L2: a creator who has reached the day’s posts is told so before anything is sent', async () => {
  const { postsPerDay } = await world.sandbox('limits', undefined, 'GET');
  await audit(async (page, settings) => {
    await see(settings.locator('[data-refusal]').getByText('This account has reached TikTok\'s limit of posts in 24 hours.'));
    assert.equal(await publish(page).getAttribute('aria-disabled'), 'true');
  }, {}, async (account, user) => {
    await user.state(await user.post(account), 'published');
    await world.sandbox('limits', { postsPerDay: 1 });
  }).finally(() => world.sandbox('limits', { postsPerDay }));
});

test('App review: the terms and the privacy policy are linked from the composer', () => audit(async (page) => {
  await setup(page, {}, { terms: 'https://app.example.com/terms', privacy: 'https://app.example.com/privacy' });
  await page.reload();
  await see(page.getByRole('link', { name: 'Terms' }));
  assert.equal(await page.getByRole('link', { name: 'Terms' }).getAttribute('href'), 'https://app.example.com/terms');
  assert.equal(await page.getByRole('link', { name: 'Privacy Policy' }).getAttribute('href'), 'https://app.example.com/privacy');
}));
