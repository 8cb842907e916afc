// The client, compiled, against the running product.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ApiError, SocialPublisher, uploadProgress } from '../dist/index.js';
import { person, start } from './product.mjs';

let product;
before(async () => { product = await start(); });
after(() => product.stop());

const client = (options = {}) =>
  new SocialPublisher({ baseUrl: `${product.origin}/api`, token: () => product.session.token, ...options });

const privately = (accountId) => ({ accountId, tiktok: { privacy_level: 'SELF_ONLY' } });

async function connected() {
  const someone = person();
  const social = client({ fetch: someone.fetch });
  const { data } = await social.api.POST('/social-accounts-connect', { params: { query: { platform: 'tiktok' } } });
  assert.equal(await someone.allow(data.authUrl), 'connected');
  const [account] = (await social.listAccounts()).filter(({ platform, status }) => platform === 'tiktok' && status === 'active');
  return account;
}

test('a post is created once per key and followed until it is published', async () => {
  const social = client();
  const account = await connected();
  const body = { videoUrl: product.session.sampleVideoUrl, caption: 'A day in the kitchen', results: [privately(account.id)] };
  assert.equal((await social.validatePost(body)).valid, true);
  const key = crypto.randomUUID();
  const post = await social.createPost(body, key);
  assert.equal((await social.createPost(body, key)).id, post.id);
  const states = [];
  for await (const { state } of social.watch(post.id)) states.push(state);
  assert.equal(states.at(-1), 'published', states.join());
  assert((await social.attempts(post.id)).some(({ effect }) => effect === 'once'));
  const listed = await social.listPosts({ limit: 1 });
  assert.equal(listed.posts[0].id, post.id);
});

test('a scheduled post is edited and cancelled, and a conflict is an error with its code', async () => {
  const social = client();
  const account = await connected();
  const publishAt = new Date(Date.now() + 86_400_000).toISOString();
  const body = { videoUrl: product.session.sampleVideoUrl, caption: 'Tomorrow', publishAt, results: [privately(account.id)] };
  const post = await social.createPost(body, crypto.randomUUID());
  const edited = await social.editPost(post.id, { version: post.version, caption: 'The day after' });
  assert.equal(edited.caption, 'The day after');
  await assert.rejects(social.editPost(post.id, { version: post.version, caption: 'Too late' }), { status: 409, code: 'version_conflict' });
  assert.equal((await social.cancelPost(post.id)).state, 'cancelled');
});

test('a refusal names its field', async () => {
  const body = { videoUrl: 'ftp://example.com/v.mp4', results: [] };
  await assert.rejects(client().createPost(body, crypto.randomUUID()), (error) => {
    assert(error instanceof ApiError);
    assert.deepEqual([error.status, error.field, error.outcomeUnknown], [422, 'videoUrl', false]);
    return true;
  });
});

test('an expired token is renewed once, with the same request', async () => {
  const asked = [];
  const token = ({ expired }) => {
    asked.push(expired);
    return expired ? product.session.token : 'an.old.token';
  };
  const social = client({ token });
  const body = { videoUrl: 'https://cdn.example.com/v.mp4', results: [] };
  await assert.rejects(social.createPost(body, 'a-key'), { status: 422, field: 'results' });
  assert.deepEqual(asked, [false, true]);
  await assert.rejects(client({ token: () => 'an.old.token' }).listAccounts(), { status: 401 });
});

test('no response is an error whose outcome is unknown', async () => {
  const social = client({ fetch: async () => { throw new TypeError('fetch failed'); } });
  await assert.rejects(social.cancelPost(crypto.randomUUID()), (error) => {
    assert.deepEqual([error.status, error.code, error.outcomeUnknown], [0, 'network', true]);
    return true;
  });
});

test('watching ends when its signal does', async () => {
  const social = client();
  const account = await connected();
  const publishAt = new Date(Date.now() + 86_400_000).toISOString();
  const post = await social.createPost({ videoUrl: product.session.sampleVideoUrl, publishAt, caption: 'Later', results: [privately(account.id)] }, crypto.randomUUID());
  const stop = new AbortController();
  const watched = async () => {
    for await (const { state } of social.watch(post.id, { signal: stop.signal })) {
      assert.equal(state, 'scheduled');
      stop.abort(new Error('seen enough'));
    }
  };
  await assert.rejects(watched(), /seen enough/);
  await social.cancelPost(post.id);
});

test('progress is a fraction, and unknown without sizes', () => {
  assert.equal(uploadProgress({ bytesSent: 5, bytesTotal: 20 }), 0.25);
  assert.equal(uploadProgress({}), undefined);
});
