// The result of a check: ready or not, the reasons, and the facts of the video.

import { bytes, el, length } from './dom.js';

export function verdict(errors, { valid, warnings, video: facts }) {
  const good = valid && !errors.length;
  const rows = facts ? [
    ['Length', Number.isFinite(facts.durationMs) && length(facts.durationMs / 1000)],
    ['Size', Number.isFinite(facts.sizeBytes) && bytes(facts.sizeBytes)],
    ['Picture', facts.width && `${facts.width} × ${facts.height}${facts.frameRate ? `, ${Number(facts.frameRate.toFixed(2))} fps` : ''}`],
    ['Codecs', [facts.videoCodec, facts.audioCodec].filter(Boolean).join(', ')],
    ['Container', facts.container],
  ].filter(([, value]) => value) : [];
  const list = (items, kind) => items.length > 0 && el('ul', { class: `findings ${kind}` }, items.map(({ message }) => el('li', {}, message)));
  return [
    el('p', { class: 'verdict' }, el('span', { class: `badge ${good ? 'good' : 'bad'}` }, good ? 'Ready to publish' : 'Not ready')),
    ...[list(errors, 'bad'), list(warnings, 'warn')].filter(Boolean),
    el('dl', { class: 'facts' }, rows.flatMap(([name, value]) => [el('dt', {}, name), el('dd', {}, value)])),
  ];
}
