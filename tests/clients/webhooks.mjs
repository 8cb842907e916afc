// A receiver with the real library takes the product's webhooks. The message is kept for webhooks.py.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { Webhook } from 'standardwebhooks';
import { person, start } from './product.mjs';

const [next, secret] = [0, 1].map(() => `whsec_${randomBytes(32).toString('base64')}`);
const arrived = [];
let someone;
const receiver = createServer(async (request, response) => {
  let body = '';
  for await (const chunk of request) body += chunk;
  arrived.push({ headers: request.headers, body });
  response.writeHead(204).end();
  someone?.();
});
receiver.listen(0, '127.0.0.1');
await once(receiver, 'listening');
const url = `http://127.0.0.1:${receiver.address().port}/hooks`;
const product = await start({ WEBHOOK_URLS: url, WEBHOOK_SECRETS: `${next},${secret}` });
try {
  const api = async (path, options = {}) => {
    const headers = { authorization: `Bearer ${product.session.token}`, 'content-type': 'application/json' };
    return browser.fetch(new Request(`${product.origin}/api/${path}`, { headers, ...options }));
  };
  const browser = person();
  const { authUrl } = await (await api('social-accounts-connect?platform=tiktok')).json();
  assert.equal(await browser.allow(authUrl), 'connected');
  const { accounts } = await (await api('social-accounts')).json();
  const results = [{ accountId: accounts[0].id, tiktok: { privacy_level: 'SELF_ONLY' } }];
  const body = JSON.stringify({ videoUrl: product.session.sampleVideoUrl, caption: 'Soup', externalId: 'soup-1', results });
  const post = await (await api('social-posts', { method: 'POST', body })).json();
  assert(post.id, JSON.stringify(post));
  while (arrived.length === 0) await new Promise((came) => { someone = came; });
  const [{ headers, body: text }] = arrived;
  for (const key of [next, secret]) {
    const event = new Webhook(key).verify(text, headers);
    assert.equal(event.type, 'result.published');
    assert.equal(event.data.postId, post.id);
    assert.equal(event.data.externalId, 'soup-1');
  }
  console.log('ok   standardwebhooks (npm) verifies a message with either of two secrets');
  const other = `whsec_${randomBytes(32).toString('base64')}`;
  assert.throws(() => new Webhook(other).verify(text, headers), /No matching signature/);
  console.log('ok   and refuses it with another');
  writeFileSync(`${process.env.DATA}/webhook.json`, JSON.stringify({ headers, body: text, secret, other }));
} finally {
  await product.stop();
  receiver.close();
  receiver.closeAllConnections();
}
