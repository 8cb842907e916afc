// Starts the product in local mode, with simulated platforms, and lets a person allow access.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** Starts the program in SERVER with its data in DATA and these variables. Returns its origin, a token of its demo user, and how to stop it. */
export async function start(vars = {}) {
  const kept = ['PATH', 'HOME', 'PG_BIN_DIR', 'XDG_CACHE_HOME'].filter((name) => name in process.env);
  const env = { ...Object.fromEntries(kept.map((name) => [name, process.env[name]])), PORT: '0', ...vars };
  const child = spawn(process.env.SERVER, [], { cwd: process.env.DATA, env, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  let origin;
  for await (const line of createInterface({ input: child.stdout })) {
    origin = line.match(/Open (http:\S+)/)?.[1];
    if (origin) break;
  }
  assert(origin, 'the product ended before it said where it is');
  child.stdout.resume();
  const session = await (await fetch(`${origin}/local/session`)).json();
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
  };
  return { origin, session, stop };
}

/** A browser's part of connecting: it keeps the cookies, allows access on the consent page, and follows the callback. */
export function person() {
  const cookies = new Map();
  const keep = (response) => {
    for (const cookie of response.headers.getSetCookie()) {
      const [, name, value] = cookie.match(/^([^=]+)=([^;]*)/);
      cookies.set(name, value);
    }
    return response;
  };
  return {
    fetch: async (request) => keep(await fetch(request)),
    async allow(authUrl) {
      const body = new URLSearchParams({ account: 'demokitchen', decision: 'allow' });
      for (const scope of new URL(authUrl).searchParams.get('scope').split(',')) body.append('scope', scope);
      const consent = await fetch(authUrl, { method: 'POST', body, redirect: 'manual' });
      assert.equal(consent.status, 302, await consent.text());
      const cookie = [...cookies].map((pair) => pair.join('=')).join('; ');
      const callback = await fetch(consent.headers.get('location'), { headers: { cookie }, redirect: 'manual' });
      assert.equal(callback.status, 302);
      return new URL(callback.headers.get('location')).searchParams.get('social');
    },
  };
}
