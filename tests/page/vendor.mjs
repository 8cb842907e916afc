// Bundles Lit into one file. Without an argument it compares the result with site/vendor/lit.js; `--write` replaces it.
import { readFile, writeFile } from 'node:fs/promises';
import { build } from 'esbuild';

const { version } = JSON.parse(await readFile(new URL('package.json', import.meta.resolve('lit')), 'utf8'));
const banner = `/*! Lit ${version}, https://lit.dev. Copyright 2017 Google LLC. SPDX-License-Identifier: BSD-3-Clause (LICENSE-lit.txt). */`;
const contents = `
  export { LitElement, css, html, noChange, nothing, render, svg } from 'lit';
  export { live } from 'lit/directives/live.js';
  export { repeat } from 'lit/directives/repeat.js';
`;
const { outputFiles } = await build({
  stdin: { contents, resolveDir: import.meta.dirname },
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  legalComments: 'none',
  banner: { js: banner },
  write: false,
});
const file = process.env.VENDORED ?? new URL('../../site/vendor/lit.js', import.meta.url);
if (process.argv.includes('--write')) {
  await writeFile(file, outputFiles[0].text);
} else if (outputFiles[0].text !== (await readFile(file, 'utf8'))) {
  throw new Error('site/vendor/lit.js is not what Lit bundles to. Run tests/page/vendor.mjs --write.');
}
