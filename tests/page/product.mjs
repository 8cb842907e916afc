// A product on its own origin: it serves its own pages and forwards the rest to Social Publisher. With a folder it also
// serves the page's files from there, so that a change needs no compiler.

import { createServer, request } from 'node:http';
import { readFile } from 'node:fs/promises';
import { join, normalize } from 'node:path';
import { gzipSync } from 'node:zlib';

const TYPES = { html: 'text/html; charset=utf-8', js: 'text/javascript; charset=utf-8', css: 'text/css; charset=utf-8', svg: 'image/svg+xml', mp4: 'video/mp4' };
const POLICY = "default-src 'self'; img-src 'self' https: http:; media-src 'self' https: http:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'";
const FORWARDED = /^\/(api|local|sandbox|\.netlify)(\/|$)|^(\/pull)?\/sample\.mp4$/;
const VIEW = /^\/(integrations|compose|calendar|posts(\/[^/]+)?)?$/;

/**
 * `pages` are the product's own: a path, and what stands there. `state.down` cuts all forwarded requests, and
 * `state.lose` those for which it returns true, after they took effect.
 */
export async function startProduct({ pages = {}, site } = {}) {
  const state = { port: 0, down: false, lose: () => false, calls: [] };
  const server = createServer(async (from, to) => {
    const path = decodeURIComponent(from.url.split('?')[0]);
    if (path in pages) {
      const { body, type, status = 200 } = pages[path];
      const range = from.headers.range?.match(/^bytes=(\d+)-(\d*)$/);
      if (range && status === 200) {
        const bytes = Buffer.from(body);
        const part = bytes.subarray(Number(range[1]), range[2] ? Number(range[2]) + 1 : undefined);
        to.writeHead(206, { 'Content-Type': TYPES[type] ?? type, ETag: '"one"', 'Content-Length': part.length, 'Content-Range': `bytes ${range[1]}-${Number(range[1]) + part.length - 1}/${bytes.length}` });
        to.end(part);
        return;
      }
      to.writeHead(status, { 'Content-Type': TYPES[type] ?? type, 'Content-Security-Policy': POLICY });
      to.end(typeof body === 'function' ? body() : body);
      return;
    }
    if (site && !FORWARDED.test(path)) {
      const name = VIEW.test(path) ? 'index.html' : normalize(path).slice(1);
      const body = await readFile(join(site, name)).catch(() => null);
      // As the server does.
      to.writeHead(body ? 200 : 404, { 'Content-Type': TYPES[name.split('.').pop()] ?? 'text/plain', 'Content-Security-Policy': POLICY, 'Cache-Control': 'no-cache', 'Content-Encoding': 'gzip' });
      to.end(gzipSync(body ?? ''));
      return;
    }
    if (state.down && path.startsWith('/api/')) {
      from.socket.destroy();
      return;
    }
    const call = request({ host: '127.0.0.1', port: state.port, path: from.url.replace(/^\/pull/, ''), method: from.method, headers: from.headers }, (back) => {
      if (path.startsWith('/api/')) state.calls.push(`${from.method} ${path}`);
      if (state.lose(from)) {
        back.resume();
        back.on('end', () => to.socket.destroy());
        return;
      }
      to.writeHead(back.statusCode, back.headers);
      back.pipe(to);
    });
    call.on('error', () => to.writeHead(502).end());
    from.pipe(call);
  });
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { origin: `http://localhost:${server.address().port}`, state, close };
}
