// googleapis, google-auth-library and arctic, with the simulated YouTube.

import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { Google } from 'arctic';
import { ClientAuthentication, CodeChallengeMethod, OAuth2Client } from 'google-auth-library';
import { google } from 'googleapis';
import { BASE, CALLBACK, allow, ok, published, video } from './sandbox.mjs';

const GOOGLE = `${BASE}/youtube`;
const scope = ['youtube.upload', 'youtube.readonly'].map((name) => `https://www.googleapis.com/auth/${name}`);
const endpoints = {
  oauth2AuthBaseUrl: `${GOOGLE}/o/oauth2/v2/auth`,
  oauth2TokenUrl: `${GOOGLE}/token`,
  oauth2RevokeUrl: `${GOOGLE}/revoke`,
};

async function connect(clientAuthentication) {
  const client = new OAuth2Client({
    clientId: 'sandbox-client',
    clientSecret: 'sandbox-secret',
    redirectUri: CALLBACK,
    endpoints,
    clientAuthentication,
  });
  const { codeVerifier, codeChallenge } = await client.generateCodeVerifierAsync();
  const address = client.generateAuthUrl({
    access_type: 'offline',
    prompt: 'consent',
    scope,
    nonce: 'n-0S6_WzA2Mj',
    hd: 'example.com',
    enable_granular_consent: true,
    code_challenge: codeChallenge,
    code_challenge_method: CodeChallengeMethod.S256,
  });
  const code = (await allow(address, { account: 'demoshorts' })).get('code');
  const { tokens } = await client.getToken({ code, codeVerifier });
  assert(tokens.refresh_token && tokens.access_token);
  client.setCredentials(tokens);
  return client;
}

await connect(ClientAuthentication.ClientSecretPost);
const auth = await connect(ClientAuthentication.ClientSecretBasic);
ok('connect: the secret in the form, and by HTTP Basic; no state, but nonce and hd');

const there = { rootUrl: `${GOOGLE}/` };
const youtube = google.youtube({ version: 'v3', auth });
const requestBody = { snippet: { title: 'From Node' }, status: { privacyStatus: 'unlisted' } };
const before = (await published('youtube')).length;
const part = ['snippet', 'status'];
const media = () => ({ mimeType: 'video/mp4', body: Readable.from([video(700_000), video(1_000)]) });
const whole = await youtube.videos.insert({ part, requestBody, media: media() }, there);
const alone = await youtube.videos.insert({ part, media: media() }, there);
const seen = (await published('youtube')).slice(before);
assert.deepEqual(seen.map((one) => [one.videoId, one.size]), [whole, alone].map(({ data }) => [data.id, 701_000]));
assert.equal(seen[0].title, 'From Node');
ok('uploads: multipart, streamed without a length, and media alone');

const bytes = video(600_000);
const open = await auth.request({
  url: `${GOOGLE}/upload/youtube/v3/videos?uploadType=resumable&part=snippet,status`,
  method: 'POST',
  headers: { 'X-Upload-Content-Type': 'video/mp4' },
  data: requestBody,
});
const headers = (range) => ({ 'Content-Range': range, 'Content-Type': 'video/mp4' });
const put = (data, range) =>
  auth.request({ url: open.headers.get('location'), method: 'PUT', data, headers: headers(range), validateStatus: () => true });
assert.equal((await put(bytes.subarray(0, 262_144), 'bytes 0-262143/600000')).status, 308);
assert.equal((await put(bytes.subarray(262_144), 'bytes 262144-599999/600000')).status, 200);
ok('a resumable session by hand');

const id = [whole.data.id, alone.data.id];
await youtube.videos.list({ part: ['id'], id }, there);
const { data } = await youtube.videos.list({ part, id }, there);
assert.deepEqual(data.items.map((item) => item.id), id);
assert(data.items[0].snippet && data.items[0].status);
const mine = await youtube.channels.list({ part: ['snippet', 'statistics'], mine: true }, there);
assert(mine.data.items[0].snippet.title === 'Demo Shorts' && mine.data.items[0].statistics);
ok('lists with repeated parameters');

const { access_token: old } = auth.credentials;
await auth.refreshAccessToken();
assert.notEqual(auth.credentials.access_token, old);
await auth.revokeToken(auth.credentials.refresh_token);
await assert.rejects(auth.refreshAccessToken(), /invalid_grant/);
ok('refresh and revoke');

const arctic = new Google('sandbox-client', 'sandbox-secret', CALLBACK);
const verifier = 'v'.repeat(64);
const address = arctic.createAuthorizationURL('a state', verifier, ['openid', ...scope]);
address.searchParams.set('access_type', 'offline');
const back = await allow(address, { account: 'quietgarden' });
const tokens = await arctic.validateAuthorizationCode(back.get('code'), verifier);
assert(tokens.idToken());
await arctic.refreshAccessToken(tokens.refreshToken());
await arctic.revokeToken(tokens.refreshToken());
await assert.rejects(arctic.refreshAccessToken(tokens.refreshToken()), { code: 'invalid_grant' });
ok('arctic: exchange by HTTP Basic, refresh, revoke');
