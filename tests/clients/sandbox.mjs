// What the scripts of Node share: where the sandbox is, who allows what, and what goes wrong.

import assert from 'node:assert/strict';
import { webcrypto } from 'node:crypto';

// Node has it by itself from 20 on.
globalThis.crypto ??= webcrypto;

export const BASE = process.env.SANDBOX;
export const CALLBACK = 'https://app.example.com/callback';

// The hosts that libraries have written into themselves, and where they are here.
const places = {
  'accounts.google.com': 'youtube',
  'oauth2.googleapis.com': 'youtube',
  'www.facebook.com': 'facebook',
  'graph.facebook.com': 'facebook',
  'www.tiktok.com': 'tiktok',
  'open.tiktokapis.com': 'tiktok',
};

// The same address at the sandbox; anything else is not called from here.
export function local(address) {
  const url = new URL(address);
  if (url.origin === BASE) return url.href;
  assert(url.host in places, `${url.host} is not simulated`);
  return `${BASE}/${places[url.host]}${url.pathname}${url.search}`;
}

// Everything else of a request stays as the library made it.
const direct = globalThis.fetch;
globalThis.fetch = (input, init) =>
  input instanceof Request ? direct(new Request(local(input.url), input), init) : direct(local(input), init);

// Answers the consent page at `address`; the query that comes to the callback.
export async function allow(address, form) {
  const reply = await consent(address, form);
  assert.equal(reply.status, 302, await reply.text());
  return new URL(reply.headers.get('location')).searchParams;
}

// The answer of the consent page, whatever it is.
export function consent(address, form) {
  const body = new URLSearchParams({ scope: 'all', decision: 'allow', ...form });
  return fetch(address, { method: 'POST', body, redirect: 'manual' });
}

// What can be seen, as the sandbox counts it.
export async function published(platform) {
  return (await (await fetch(`${BASE}/control/${platform}/published`)).json()).published;
}

// Bytes that begin like an MP4.
export function video(size) {
  const bytes = Buffer.alloc(size, 7);
  bytes.write('\0\0\0\x20ftypisom', 0, 'latin1');
  return bytes;
}

export function ok(what) {
  console.log(`ok   ${what}`);
}
