// Bundles a folder of functions as Netlify's build does: `node bundle.mjs FOLDER OUTPUT CONFIG`.

import { zipFunctions } from '@netlify/zip-it-and-ship-it';

const [folder, output, config] = process.argv.slice(2);
await zipFunctions(folder, output, { config: JSON.parse(config), manifest: `${output}/manifest.json` });
