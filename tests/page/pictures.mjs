// Takes a picture of every view and state into a folder, to be looked at: `SERVER=… node pictures.mjs FOLDER`.
// It is no test. The pictures of the documentation come from here, with VIEWPORT=1.

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { NARROW, WIDE, mint, open, see, setup } from './world.mjs';

const folder = process.argv[2];
const only = process.argv[3] ?? '';
await mkdir(folder, { recursive: true });
const world = await open({ pages: {
  '/gone.mp4': { body: '', type: 'video/mp4', status: 404 },
  '/product': { type: 'html', body: '<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark"><title>Product</title><main><h1>Another product</h1><social-composer dialog open></social-composer></main><script type="module" src="/elements/index.js"></script></html>' },
} });
const user = world.user();
const fresh = world.user();

const kitchen = await user.connect('tiktok', { account: 'demokitchen' });
const studio = await user.youtube();
const insta = await user.connect('instagram', { account: 'demokitchen' });
const bakery = await user.connect('facebook');
const lapsed = await user.tiktok({ displayName: 'Studio Lab' });
const leaving = await user.instagram();
await user.api(`social-accounts/${leaving.id}`, { method: 'DELETE' });
const day = (days, hour) => {
  const date = new Date();
  date.setDate(date.getDate() + days);
  date.setHours(hour, 0, 0, 0);
  return date.toISOString();
};
const many = (caption, more = {}) => user.api('social-posts', { method: 'POST', body: { videoUrl: world.video, caption, ...more, results: [
  { accountId: kitchen.id, tiktok: { privacy_level: 'PUBLIC_TO_EVERYONE' } }, { accountId: studio.id, youtube: { privacyStatus: 'public', selfDeclaredMadeForKids: false } },
  { accountId: insta.id, instagram: {} }, { accountId: bakery.id, facebook: {} }] } });
const published = await many('Sourdough, day one: feeding the starter #baking');
const failed = await user.post(insta, { videoUrl: `${world.origin}/gone.mp4`, caption: 'Scoring patterns for beginners' });
const scheduled = await many('Behind the counter at five in the morning', { publishAt: day(1, 9) });
await user.post(insta, { caption: 'Rye, slowly', publishAt: day(2, 18) });
await user.post(bakery, { caption: 'Open on Sunday', publishAt: day(4, 8) });
const held = await user.post(lapsed, { caption: 'The new oven', publishAt: day(3, 12) });
await user.revoke(lapsed);
const cancelled = await user.post(bakery, { caption: 'Holiday hours', publishAt: day(5, 10) });
await user.api(`social-posts/${cancelled.id}/cancel`, { method: 'POST' });
const secret = await user.tiktok({ displayName: 'Quiet Corner', visibility: 'private' });
const refused = await user.post(secret, { caption: 'Not for everyone' }, { privacy_level: 'PUBLIC_TO_EVERYONE' });
const draft = await user.post(await user.tiktok({ displayName: 'Draft Desk' }), { caption: 'Finish me in the app' }, { post_mode: 'MEDIA_UPLOAD' });
const full = await user.tiktok({ displayName: 'Full House' });
await world.fault('creator_info', { kind: 'status', status: 200, code: 'spam_risk_too_many_posts', times: 50, account: full.username });
const limited = await user.post(full, { caption: 'One more today' });
const partial = await user.api('social-posts', { method: 'POST', body: { videoUrl: world.video, caption: 'Half of it', results: [
  { accountId: secret.id, tiktok: { privacy_level: 'PUBLIC_TO_EVERYONE' } }, { accountId: studio.id, youtube: { privacyStatus: 'unlisted', selfDeclaredMadeForKids: false } }] } });
const doubt = await user.tiktok({ displayName: 'Demo Garden' });
const unclear = await user.doubt(doubt);
await user.state(published, 'published');
await user.state(failed, 'failed');
await user.state(refused, 'failed');
await user.state(partial, 'partial');
// It stays so: each try of the upload is cut.
await world.sandbox('faults', { platform: 'facebook', endpoint: 'upload', kind: 'hangUpBefore', times: 1000 });
const uploading = await user.post(bakery, { caption: 'On its way' });

const tick = (page, account) => page.locator(`[data-account="${account.id}"]`).check();
async function fill(page) {
  await page.getByLabel('Video URL').fill(world.video);
  await page.getByLabel('Caption', { exact: true }).fill('Sourdough, day two: shaping the loaf #baking');
}
const VIEWS = {
  'integrations-empty': async () => fresh.page('/integrations', options),
  integrations: async () => {
    const page = await user.page('/integrations', options);
    await see(page.getByText('Reconnect needed'));
    return page;
  },
  'not-set-up': async () => {
    const page = await user.page('/integrations', options);
    await setup(page, { youtube: { status: 'notSetUp', missing: ['YOUTUBE_CLIENT_ID', 'YOUTUBE_CLIENT_SECRET'] } });
    await page.reload();
    await see(page.getByText('Not set up'));
    await page.getByText('1 disconnected').click();
    return page;
  },
  connecting: async () => {
    const page = await fresh.page('/integrations', options);
    await page.getByRole('button', { name: 'Connect YouTube' }).click();
    await see(page.getByText('Continue in the YouTube window.'));
    return page;
  },
  question: async () => {
    const page = await user.page('/integrations', options);
    await page.getByRole('button', { name: /^Disconnect Demo Kitchen from Instagram/ }).click();
    await see(page.getByRole('dialog'));
    return page;
  },
  blocked: async () => {
    const page = await fresh.page('/integrations', options);
    await page.evaluate(() => { window.open = () => null; });
    await page.getByRole('button', { name: 'Connect TikTok' }).click();
    await see(page.getByText('Your browser blocked'));
    return page;
  },
  'compose-empty': async () => {
    const page = await user.page('/compose', options);
    await see(page.getByLabel('Video URL'));
    return page;
  },
  compose: async () => {
    const page = await user.page('/compose', options);
    await fill(page);
    for (const account of [kitchen, studio, insta]) await tick(page, account);
    await page.getByLabel('Who can view this video').first().selectOption('PUBLIC_TO_EVERYONE');
    await page.getByLabel('Who can view this video').nth(1).selectOption('public');
    await page.getByLabel('No', { exact: true }).check();
    await page.getByLabel('Later').check();
    await page.getByRole('button', { name: 'Tomorrow 9:00' }).click();
    await page.locator('.badge', { hasText: 'Ready' }).nth(2).waitFor();
    return page;
  },
  'compose-errors': async () => {
    const page = await user.page('/compose', options);
    await page.getByLabel('Video URL').fill(`${world.origin}/gone.mp4`);
    for (const account of [kitchen, studio]) await tick(page, account);
    await see(page.getByRole('switch'));
    await page.getByRole('switch').check();
    await page.getByRole('switch').uncheck();
    await see(page.getByText('There is no video at this link.'));
    await page.getByRole('button', { name: 'Publish', exact: true }).click();
    await see(page.getByText('Choose who can view this video.'));
    return page;
  },
  refusal: async () => {
    await world.fault('creator_info', { kind: 'status', status: 200, code: 'spam_risk_too_many_posts', times: 1, account: kitchen.username });
    const page = await user.page('/compose', options);
    await tick(page, kitchen);
    await see(page.locator('[data-refusal]'));
    return page;
  },
  lost: async () => {
    const page = await user.page('/compose', options);
    await fill(page);
    await tick(page, insta);
    await page.route('**/api/social-posts', (route) => (route.request().method() === 'POST' ? route.abort() : route.continue()));
    await page.getByRole('button', { name: 'Publish', exact: true }).click();
    await see(page.getByText('It won’t post twice.'));
    return page;
  },
  dialog: async () => {
    const page = await user.page('/product', options);
    await see(page.getByRole('dialog').getByLabel('Video URL'));
    return page;
  },
  'compose-no-account': async () => {
    const page = await fresh.page('/compose', options);
    await see(page.getByText('You have no account yet.'));
    return page;
  },
  'posts-none-fit': async () => {
    const page = await user.page('/posts', options);
    await page.getByLabel('Search captions').fill('nothing like it');
    await see(page.getByText('No post fits.'));
    return page;
  },
  offline: async () => {
    const page = await user.page('/posts', options);
    await see(page.getByText('Scoring patterns'));
    await page.route('**/api/**', (route) => route.abort());
    await page.evaluate(() => window.dispatchEvent(new Event('online')));
    await see(page.getByText('The server did not respond.'));
    return page;
  },
  posts: async () => {
    const page = await user.page('/posts', options);
    await see(page.getByText('Scoring patterns'));
    return page;
  },
  'posts-empty': async () => {
    const page = await fresh.page('/posts', options);
    await see(page.getByText('No posts yet.'));
    return page;
  },
  month: async () => {
    const page = await user.page('/calendar', options);
    await see(page.locator('.post'));
    return page;
  },
  week: async () => {
    const page = await user.page('/calendar', options);
    await page.getByRole('button', { name: 'Week' }).click();
    return page;
  },
  'sign-in': async () => {
    const context = await world.browser.newContext({ viewport: options.size, colorScheme: options.scheme });
    await context.route('**/local/session', (route) => route.fulfill({ status: 404, body: '' }));
    const page = await context.newPage();
    await page.goto(`${world.origin}/integrations`);
    await see(page.getByLabel('User token'));
    return page;
  },
  ended: async () => fresh.page('/posts', { ...options, token: () => mint(fresh.name, -3600) }),
};
for (const [name, post] of Object.entries({ published, failed, scheduled, held, unclear, cancelled, draft })) {
  VIEWS[`post-${name}`] = async () => {
    const page = await user.page(`/posts/${post.id}`, options);
    await see(page.getByText('You created the post'));
    return page;
  };
}
VIEWS['post-cancel'] = async () => {
  const page = await user.page(`/posts/${scheduled.id}`, options);
  await page.getByRole('button', { name: 'Cancel post' }).click();
  await see(page.getByRole('dialog'));
  return page;
};
VIEWS['post-details'] = async () => {
  const page = await user.page(`/posts/${published.id}`, options);
  await page.getByText('Technical details').click();
  await page.getByText('Embed', { exact: true }).first().click();
  return page;
};
VIEWS['post-refused'] = async () => {
  const page = await user.page(`/posts/${refused.id}`, options);
  await page.getByRole('button', { name: 'Edit and retry' }).click();
  await page.getByRole('button', { name: 'Save and retry' }).click();
  await see(page.getByText('Choose who can view this video.'));
  return page;
};
VIEWS['post-waiting'] = async () => {
  const busy = await user.instagram();
  let last;
  for (let at = 0; at < 4; at += 1) last = await user.post(busy, { caption: 'One after the other' });
  const page = await user.page(`/posts/${last.id}`, options);
  await see(page.getByText('takes one post of an account at a time'));
  return page;
};
VIEWS['post-conflict'] = async () => {
  const page = await user.page(`/posts/${scheduled.id}`, options);
  await page.getByRole('button', { name: 'Edit' }).click();
  await page.locator('#edit-caption').fill('Behind the counter, at dawn');
  const { version } = await user.api(`social-posts/${scheduled.id}`);
  await user.api(`social-posts/${scheduled.id}`, { method: 'PATCH', body: { version, caption: `Behind the counter at ${version}` } });
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await see(page.getByText('This post was changed in another window.'));
  return page;
};
VIEWS['post-edit'] = async () => {
  const page = await user.page(`/posts/${scheduled.id}`, options);
  await page.getByRole('button', { name: 'Edit' }).click();
  await see(page.locator('#edit-caption'));
  return page;
};
VIEWS['post-again'] = async () => {
  const page = await user.page(`/posts/${unclear.id}`, options);
  await page.getByRole('button', { name: 'No, post it again' }).click();
  await see(page.getByRole('dialog'));
  return page;
};
VIEWS['post-limit'] = async () => {
  const page = await user.page(`/posts/${limited.id}`, options);
  await see(page.getByText('It continues automatically'));
  return page;
};
VIEWS['post-partial'] = async () => {
  const page = await user.page(`/posts/${partial.id}`, options);
  await see(page.getByText('Partly published'));
  return page;
};
VIEWS['post-uploading'] = async () => {
  const page = await user.page(`/posts/${uploading.id}`, options);
  await see(page.getByRole('progressbar'));
  return page;
};
VIEWS['post-unknown'] = async () => {
  const page = await fresh.page(`/posts/${published.id}`, options);
  await see(page.getByText('There is no such post'));
  return page;
};
VIEWS.moved = async () => {
  const page = await user.page('/calendar', options);
  if (options.size === NARROW) await page.getByRole('button', { name: /^Next/ }).click();
  else {
    await page.getByRole('link', { name: /Rye, slowly/ }).focus();
    await page.keyboard.press('Alt+ArrowRight');
    await see(page.getByText(/^Moved to/));
    await page.getByRole('link', { name: /Rye, slowly/ }).focus();
    await page.keyboard.press('Alt+ArrowLeft');
    await page.waitForResponse((response) => response.request().method() === 'PATCH');
  }
  return page;
};
VIEWS['calendar-empty'] = async () => {
  const page = await fresh.page('/calendar', options);
  await see(page.getByRole('table'));
  return page;
};
VIEWS.expiring = async () => {
  const page = await user.page('/integrations', options);
  await page.route(/\/api\/social-accounts\?/, async (route) => {
    const response = await route.fetch();
    const { accounts, ...rest } = await response.json();
    const expiresAt = new Date(Date.now() + 3 * 86_400_000).toISOString();
    await route.fulfill({ json: { accounts: accounts.map((account) => ({ ...account, ...(account.platform === 'instagram' && { expiresAt }) })), ...rest } });
  });
  await page.reload();
  await see(page.getByText('Expiring'));
  return page;
};
VIEWS.declined = async () => {
  const page = await fresh.page('/integrations?social=error&platform=tiktok&reason=access_denied', options);
  await see(page.getByText('You didn’t allow access'));
  return page;
};
VIEWS['wrong-account'] = async () => {
  const page = await fresh.page('/integrations?social=error&platform=tiktok&reason=other_account', options);
  await see(page.getByText('You signed in to a different'));
  return page;
};
VIEWS.connected = async () => {
  const page = await user.page('/integrations?social=connected&platform=facebook', options);
  await see(page.getByText(/connected[.:]/));
  return page;
};
VIEWS.unreachable = async () => {
  const page = await user.page('/integrations', options);
  await page.route('**/api/**', (route) => route.abort());
  await page.reload();
  await see(page.getByText('The server did not respond.'));
  return page;
};
VIEWS['compose-shared'] = async () => {
  const page = await user.page('/compose', options);
  await setup(page, { tiktok: { audited: false } }, { terms: 'https://app.example.com/terms', privacy: 'https://app.example.com/privacy' });
  await page.reload();
  await fill(page);
  for (const account of [kitchen, doubt, insta]) await tick(page, account);
  await page.getByLabel('Same settings for all 2 TikTok accounts').first().check();
  await page.getByRole('switch').check();
  await page.getByLabel('Branded content').check();
  await page.getByLabel('Made with AI').check();
  await page.locator('.accounts > li', { has: page.locator(`[data-account="${insta.id}"]`) }).getByText('Settings').click();
  await page.getByRole('button', { name: /Write a different caption for Demo Kitchen on Instagram/ }).click();
  return page;
};
VIEWS['compose-earlier'] = async () => {
  const page = await user.page('/compose', options);
  await fill(page);
  await tick(page, insta);
  await page.getByLabel('Later').check();
  await page.getByRole('button', { name: 'Tomorrow 9:00' }).click();
  world.product.state.lose = (request) => request.method === 'POST' && request.url === '/api/social-posts';
  await page.getByRole('button', { name: 'Schedule' }).click();
  await see(page.getByText('It won’t post twice.'));
  world.product.state.lose = () => false;
  await page.getByLabel('Caption', { exact: true }).fill('Another version');
  await page.getByRole('button', { name: 'Schedule' }).click();
  await see(page.getByText('Your earlier version was accepted'));
  return page;
};
VIEWS.accepted = async () => {
  const page = await user.page('/product', options);
  await fill(page);
  await tick(page, insta);
  await page.getByLabel('Later').check();
  await page.getByRole('button', { name: 'Tomorrow 18:00' }).click();
  await page.getByRole('button', { name: 'Schedule' }).click();
  await see(page.getByText('You can edit or cancel it until then.'));
  return page;
};

let options;
for (const [name, view] of Object.entries(VIEWS)) {
  if (only && !new RegExp(only).test(name)) continue;
  for (const [size, viewport] of [['wide', WIDE], ['narrow', NARROW]]) {
    for (const scheme of ['light', 'dark']) {
      options = { size: viewport, scheme };
      const page = await view().catch((error) => { console.error(name, String(error).slice(0, 300)); });
      if (!page) continue;
      await page.waitForLoadState('networkidle');
      await page.evaluate(() => window.scrollTo(0, 0));
      await page.screenshot({ path: join(folder, `${name}-${size}-${scheme}.png`), fullPage: !process.env.VIEWPORT });
      await page.context().close();
    }
  }
}
await user.close().catch((error) => console.error(error.message));
await world.stop();
process.exit();
