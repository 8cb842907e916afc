// facebook-nodejs-business-sdk and arctic, with the simulated Facebook.

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import { Facebook } from 'arctic';
import sdk from 'facebook-nodejs-business-sdk';
import { BASE, CALLBACK, allow, ok, published, video } from './sandbox.mjs';

const { FacebookAdsApi, Page, User } = sdk;
const APP = '1000200030004000';
const SECRET = 'sandbox-secret';
Object.defineProperty(FacebookAdsApi, 'GRAPH', { get: () => `${BASE}/facebook` });
// The SDK does not create it.
const proven = (token, more = {}) => ({
  ...more,
  appsecret_proof: createHmac('sha256', SECRET).update(token).digest('hex'),
});
const api = (token) => new FacebookAdsApi(token, 'en_US', false);

const arctic = new Facebook(APP, SECRET, CALLBACK);
const scopes = ['pages_show_list', 'pages_read_engagement', 'pages_manage_posts', 'business_management'];
const address = arctic.createAuthorizationURL('a state', scopes);
assert(address.pathname.startsWith('/v16.0/'), 'a version that has ended');
const back = await allow(address, { account: 'dana.demo', page: 'all' });
const token = (await arctic.validateAuthorizationCode(back.get('code'))).accessToken();
ok('connect by arctic, at v16.0');

const user = new User('me', {}, undefined, api(token));
const accounts = await user.getAccounts(['id', 'name', 'access_token'], proven(token, { summary: true }));
const kitchen = accounts.find((page) => page.name === 'Demo Kitchen');
const pageToken = kitchen.access_token;
const page = new Page(kitchen.id, {}, undefined, api(pageToken));
assert.equal((await page.get(['name'], proven(pageToken))).name, 'Demo Kitchen');
await assert.rejects(page.get(['name'], {}), /appsecret_proof/);
ok('accounts and a Page read; refused: no appsecret_proof');

const before = (await published('facebook')).length;
const bytes = video(500_000);
const server = createServer((_, reply) => reply.end(bytes)).listen(0, '127.0.0.1');
await new Promise((resolve) => server.once('listening', resolve));
const file_url = `http://127.0.0.1:${server.address().port}/a.mp4`;
const made = await page.createVideo([], proven(pageToken, { file_url, title: 'From Node' }));

const reel = await page.createVideoReel([], proven(pageToken, { upload_phase: 'start' }));
const sent = await fetch(reel.upload_url, {
  method: 'POST',
  headers: { authorization: `OAuth ${pageToken}`, offset: '0', file_size: String(bytes.length) },
  body: bytes,
});
assert.deepEqual(await sent.json(), { success: true });
const end = { upload_phase: 'finish', video_id: reel.video_id, video_state: 'PUBLISHED' };
await page.createVideoReel([], proven(pageToken, end));
const videos = await page.getVideos(['id', 'status', 'length'], proven(pageToken));
assert.deepEqual(videos.slice(0, 2).map((one) => one.id), [reel.video_id, made.id]);
server.close();
assert.deepEqual((await published('facebook')).slice(before).map((one) => one.size), [500_000, 500_000]);
ok('a video by its address, a Reel, and the list of both');
