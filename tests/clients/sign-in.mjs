// Tokens of real issuers, better-auth and oidc-provider, with the real product: which ones it accepts, and its errors for others.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { betterAuth } from 'better-auth';
import { memoryAdapter } from 'better-auth/adapters/memory';
import { toNodeHandler } from 'better-auth/node';
import { jwt } from 'better-auth/plugins';
import { Provider } from 'oidc-provider';

const ok = (what) => console.log(`ok   ${what}`);

// Starts a server on loopback whose handler knows its own URL; returns the handler's object and the URL.
async function serve(make) {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const base = `http://127.0.0.1:${server.address().port}`;
  const { handler, ...made } = await make(base);
  server.on('request', handler);
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { base, close, ...made };
}

// Starts the product with these variables, passes a function that calls it with a token, and stops it.
async function product(vars, use) {
  const kept = ['PATH', 'HOME', 'PG_BIN_DIR', 'XDG_CACHE_HOME'].filter((name) => name in process.env);
  const env = { ...Object.fromEntries(kept.map((name) => [name, process.env[name]])), PORT: '0', ...vars };
  const options = { cwd: process.env.DATA, env, stdio: ['ignore', 'pipe', 'inherit'] };
  const child = spawn(process.env.SERVER, [], options);
  const ended = once(child, 'exit');
  try {
    let origin;
    for await (const line of createInterface({ input: child.stdout })) {
      origin = line.match(/Open (http:\S+)/)?.[1];
      if (origin) break;
    }
    assert(origin, 'the product ended before it said where it is');
    child.stdout.resume();
    await use(async (token) => {
      const headers = token ? { authorization: `Bearer ${token}` } : {};
      const reply = await fetch(`${origin}/api/social-accounts`, { headers });
      const challenge = reply.headers.get('www-authenticate');
      return { status: reply.status, challenge, message: (await reply.json()).error?.message };
    });
  } finally {
    child.kill('SIGTERM');
    await ended;
  }
}

function assertRefused(answer, reason) {
  assert.equal(answer.status, 401, JSON.stringify(answer));
  assert.match(answer.message, reason);
  const told = `Bearer error="invalid_token", error_description="${answer.message}"`;
  assert.equal(answer.challenge, told);
}

// Starts better-auth with one user; returns their session cookie and their token.
async function signUp(alg) {
  const auth = await serve((baseURL) => {
    const database = memoryAdapter({ user: [], session: [], account: [], verification: [], jwks: [] });
    const instance = betterAuth({
      baseURL,
      database,
      secret: randomBytes(32).toString('hex'),
      emailAndPassword: { enabled: true },
      plugins: [jwt(alg ? { jwks: { keyPairConfig: { alg } } } : {})],
      telemetry: { enabled: false },
    });
    return { handler: toNodeHandler(instance) };
  });
  const person = { name: 'Alice', email: 'alice@example.com', password: 'a long password' };
  const signedUp = await fetch(`${auth.base}/api/auth/sign-up/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: auth.base },
    body: JSON.stringify(person),
  });
  assert.equal(signedUp.status, 200, await signedUp.clone().text());
  const cookie = signedUp.headers.getSetCookie()[0].split(';')[0];
  const reply = await fetch(`${auth.base}/api/auth/token`, { headers: { cookie } });
  return { auth, cookie: cookie.split('=')[1], token: (await reply.json()).token };
}

// `undefined` is its default.
for (const alg of [undefined, 'ES256', 'RS256', 'PS256', 'ES512']) {
  const { auth, cookie, token } = await signUp(alg);
  const name = JSON.parse(Buffer.from(token.split('.')[0], 'base64url')).alg;
  assert.equal(name, alg ?? 'EdDSA');
  const vars = { AUTH_JWKS_URL: `${auth.base}/api/auth/jwks`, AUTH_JWT_ISSUER: auth.base, AUTH_JWT_AUDIENCE: auth.base };
  await product(vars, async (ask) => {
    const answer = await ask(token);
    if (alg === 'ES512') {
      assertRefused(answer, /signed with ES512/);
      return;
    }
    assert.equal(answer.status, 200, JSON.stringify(answer));
    assertRefused(await ask(cookie), /is not a JWT/);
    assertRefused(await ask(token.slice(0, -8)), /signature/);
    const none = await ask();
    assert.deepEqual([none.status, none.challenge], [401, 'Bearer']);
    if (!alg) {
      const other = await signUp();
      assertRefused(await ask(other.token), /no key/);
      other.auth.close();
      ok("better-auth: another's token, the session cookie and a cut token are refused with the reason");
    }
  });
  auth.close();
  ok(`better-auth: ${name} ${alg === 'ES512' ? 'is refused by name' : 'is let in'}`);
}

// Starts oidc-provider, which signs with several algorithms, and has one client.
const CALLBACK = 'https://app.example.com/callback';
const API = 'https://api.example.com';
const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA'];

function keys() {
  const pair = (kind, options) => generateKeyPairSync(kind, options).privateKey.export({ format: 'jwk' });
  return [
    { ...pair('rsa', { modulusLength: 2048 }), use: 'sig' },
    { ...pair('ec', { namedCurve: 'P-256' }), use: 'sig' },
    { ...pair('ed25519'), use: 'sig' },
  ];
}

function provider(base) {
  const client = (alg) => ({
    client_id: `client-${alg}`,
    client_secret: 'a secret of the client',
    redirect_uris: [CALLBACK],
    grant_types: ['authorization_code', 'client_credentials'],
    id_token_signed_response_alg: alg,
  });
  const resource = (alg, format) => ({
    scope: 'api',
    audience: API,
    accessTokenTTL: 600,
    accessTokenFormat: format,
    ...(format === 'jwt' ? { jwt: { sign: { alg } } } : {}),
  });
  const oidc = new Provider(base, {
    clients: ALGORITHMS.map(client),
    jwks: { keys: keys() },
    cookies: { keys: ['a cookie key'] },
    enabledJWA: { idTokenSigningAlgValues: ALGORITHMS },
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_, asked, { clientId }) =>
          resource(clientId.slice('client-'.length), asked === API ? 'jwt' : 'opaque'),
        defaultResource: () => undefined,
      },
    },
  });
  return { handler: oidc.callback() };
}

// Signs a person in through the provider's pages; returns the response of the token endpoint.
async function signIn(base, alg, resource) {
  const verifier = randomBytes(32).toString('base64url');
  const asked = new URLSearchParams({
    client_id: `client-${alg}`,
    response_type: 'code',
    redirect_uri: CALLBACK,
    scope: 'openid api',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...(resource ? { resource } : {}),
  });
  const jar = new Map();
  const visit = async (url, form) => {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const body = form && new URLSearchParams(form);
    const reply = await fetch(url, { method: form ? 'POST' : 'GET', body, headers: { cookie }, redirect: 'manual' });
    for (const line of reply.headers.getSetCookie()) {
      const [, name, value] = line.match(/^([^=]+)=([^;]*)/);
      if (value) jar.set(name, value);
      else jar.delete(name);
    }
    const next = reply.headers.get('location');
    return next ? new URL(next, base).href : assert.fail(`${reply.status}: ${await reply.text()}`);
  };
  let at = await visit(`${base}/auth?${asked}`);
  for (const form of [{ prompt: 'login', login: 'alice', password: 'any' }, { prompt: 'consent' }]) {
    at = await visit(await visit(at, form));
  }
  const code = new URL(at).searchParams.get('code');
  assert(code, at);
  return await granted(base, alg, {
    grant_type: 'authorization_code',
    code,
    redirect_uri: CALLBACK,
    code_verifier: verifier,
    ...(resource ? { resource } : {}),
  });
}

async function granted(base, alg, form) {
  const headers = { authorization: `Basic ${btoa(`client-${alg}:a+secret+of+the+client`)}` };
  const reply = await fetch(`${base}/token`, { method: 'POST', headers, body: new URLSearchParams(form) });
  const body = await reply.json();
  assert.equal(reply.status, 200, JSON.stringify(body));
  return body;
}

const oidc = await serve(provider);
const atOidc = { AUTH_JWKS_URL: `${oidc.base}/jwks`, AUTH_JWT_ISSUER: oidc.base };
await product({ ...atOidc, AUTH_JWT_AUDIENCE: [API, ...ALGORITHMS.map((alg) => `client-${alg}`)].join(',') }, async (ask) => {
  for (const alg of ALGORITHMS) {
    const { id_token: id, access_token: access } = await signIn(oidc.base, alg, API);
    for (const token of [id, access]) {
      assert.equal(JSON.parse(Buffer.from(token.split('.')[0], 'base64url')).alg, alg);
      const answer = await ask(token);
      assert.equal(answer.status, 200, JSON.stringify(answer));
    }
    ok(`oidc-provider: ID token and access token with ${alg} are let in`);
  }
  const { access_token: opaque } = await signIn(oidc.base, 'RS256');
  assertRefused(await ask(opaque), /is not a JWT/);
  ok('oidc-provider: an opaque access token is refused by name');
});
await product({ ...atOidc, AUTH_JWT_AUDIENCE: API }, async (ask) => {
  const { id_token: id } = await signIn(oidc.base, 'ES256');
  assertRefused(await ask(id), /another audience/);
});
await product({ ...atOidc, AUTH_JWT_ISSUER: `${oidc.base}/` }, async (ask) => {
  const { id_token: id } = await signIn(oidc.base, 'ES256');
  assertRefused(await ask(id), /another issuer/);
});
oidc.close();
ok('oidc-provider: another audience and an issuer with a slash more are refused with the reason');
