// The shared parts of the Node scripts: the sandbox's URL, consent, and faults.

import assert from 'node:assert/strict';
import { webcrypto } from 'node:crypto';

// Node has it built in since version 20.
globalThis.crypto ??= webcrypto;

export const BASE = process.env.SANDBOX;
export const CALLBACK = 'https://app.example.com/callback';

// The hosts in the libraries' code, and their URLs here.
const places = {
  'accounts.google.com': 'youtube',
  'oauth2.googleapis.com': 'youtube',
  'www.facebook.com': 'facebook',
  'graph.facebook.com': 'facebook',
  'www.tiktok.com': 'tiktok',
  'open.tiktokapis.com': 'tiktok',
};

// Returns the same URL at the sandbox; other hosts must not be called.
export function local(address) {
  const url = new URL(address);
  if (url.origin === BASE) return url.href;
  assert(url.host in places, `${url.host} is not simulated`);
  return `${BASE}/${places[url.host]}${url.pathname}${url.search}`;
}

// The rest of a request is unchanged.
const direct = globalThis.fetch;
globalThis.fetch = (input, init) =>
  input instanceof Request ? direct(new Request(local(input.url), input), init) : direct(local(input), init);

// Submits the consent page at `address`; returns the query of the callback.
export async function allow(address, form) {
  const reply = await consent(address, form);
  assert.equal(reply.status, 302, await reply.text());
  return new URL(reply.headers.get('location')).searchParams;
}

// Returns the response of the consent page, of any kind.
export function consent(address, form) {
  const body = new URLSearchParams({ scope: 'all', decision: 'allow', ...form });
  return fetch(address, { method: 'POST', body, redirect: 'manual' });
}

// Returns what is published, as counted by the sandbox.
export async function published(platform) {
  return (await (await fetch(`${BASE}/control/${platform}/published`)).json()).published;
}

// Returns bytes that start like an MP4.
export function video(size) {
  const bytes = Buffer.alloc(size, 7);
  bytes.write('\0\0\0\x20ftypisom', 0, 'latin1');
  return bytes;
}

export function ok(what) {
  console.log(`ok   ${what}`);
}
