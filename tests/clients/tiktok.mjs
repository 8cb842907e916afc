// The TikTok providers of arctic and better-auth, with the simulated TikTok.

import assert from 'node:assert/strict';
import { TikTok } from 'arctic';
import { tiktok } from 'better-auth/social-providers';
import { CALLBACK, allow, consent, ok } from './sandbox.mjs';

const account = { account: 'demokitchen' };
const scopes = ['user.info.basic', 'user.info.profile'];
const verifier = 'v'.repeat(64);
const LOOPBACK = 'http://127.0.0.1:8888/callback';

const arctic = new TikTok('sandbox-key', 'sandbox-secret', CALLBACK);
const back = await allow(arctic.createAuthorizationURL('a state', verifier, scopes), account);
assert.equal(back.get('state'), 'a state');
const tokens = await arctic.validateAuthorizationCode(back.get('code'), verifier);
const fresh = await arctic.refreshAccessToken(tokens.refreshToken());
await arctic.revokeToken(fresh.accessToken());
await assert.rejects(arctic.refreshAccessToken(fresh.refreshToken()), { code: 'invalid_grant' });
ok('arctic: exchange with the challenge of RFC 7636, refresh, revoke');

const again = await allow(arctic.createAuthorizationURL('a state', verifier, scopes), account);
await assert.rejects(arctic.validateAuthorizationCode(again.get('code'), 'w'.repeat(64)), { code: 'invalid_request' });
ok('refused: a verifier that does not fit');

const provider = tiktok({ clientKey: 'sandbox-key', clientSecret: 'sandbox-secret', scope: ['user.info.basic'] });
const request = { state: 'a state', codeVerifier: verifier, redirectURI: CALLBACK };
const code = (await allow(provider.createAuthorizationURL(request), account)).get('code');
const granted = await provider.validateAuthorizationCode({ code, ...request });
assert.equal((await provider.getUserInfo(granted)).user.name, 'Demo Kitchen');
const renewed = await provider.refreshAccessToken(granted.refreshToken);
assert.notEqual(renewed.accessToken, granted.accessToken);
assert.equal((await provider.getUserInfo(renewed)).user.name, 'Demo Kitchen');
ok('better-auth: exchange without a challenge, who it is, refresh');

const desktop = new TikTok('sandbox-key', 'sandbox-secret', LOOPBACK);
const refused = [
  provider.createAuthorizationURL({ ...request, redirectURI: LOOPBACK }),
  desktop.createAuthorizationURL('a state', verifier, scopes),
  arctic.createAuthorizationURL('a state', verifier, [scopes.join(' ')]),
];
for (const url of refused) assert.equal((await consent(url, account)).status, 400, url.href);
ok('refused: on loopback no PKCE and a challenge that is not hex; scopes with a space between them');
