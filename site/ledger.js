// The attempt log of one post, as a table.

import { bytes, el } from './dom.js';
import { labelOf } from './platforms.js';

const EFFECT = { read: 'Reads', idempotent: 'Repeatable', once: 'Only once' };
const OUTCOME = {
  ok: ['OK', 'good'], refused: ['Refused', 'bad'], notSent: ['Not sent', 'warn'],
  noReply: ['No reply', 'warn'], crashed: ['Crashed', 'bad'], sourceFailed: ['Video source failed', 'warn'],
};
const HEADS = ['Time', 'Platform', 'Account', 'Step', 'Effect', 'Outcome', 'HTTP', 'Platform code', 'Log ID', 'Bytes', 'Duration'];
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });

export function ledger(load, resultOf, whoIs) {
  const node = el('div', { class: 'ledger', role: 'region', 'aria-label': 'Calls to the platform', tabindex: 0 },
    el('p', { class: 'hint' }, 'Loading details…'));
  let latest = 0;

  async function refresh() {
    latest += 1;
    const mine = latest;
    try {
      const { attempts } = await load();
      if (mine === latest) node.replaceChildren(attempts.length ? table(attempts) : el('p', { class: 'hint' }, 'Nothing sent yet.'));
    } catch (error) {
      if (mine === latest) node.replaceChildren(el('p', { class: 'field-error' }, error.sentence ?? error.message));
    }
  }

  function table(attempts) {
    return el('table', {},
      el('thead', {}, el('tr', {}, HEADS.map((head) => el('th', { scope: 'col' }, head)))),
      el('tbody', {}, attempts.map((call) => {
        const result = resultOf(call.resultId);
        const [word, tone] = OUTCOME[call.outcome] ?? [call.outcome, 'idle'];
        const cells = [
          el('time', { datetime: call.at, title: call.at }, clock.format(new Date(call.at))),
          result ? labelOf(result.platform) : '', result ? whoIs(result) : '', call.step, EFFECT[call.effect] ?? call.effect,
          el('span', { class: `badge ${tone}` }, word), call.httpStatus, call.platformCode, call.logId,
          Number.isFinite(call.bytes) ? bytes(call.bytes) : null,
          Number.isFinite(call.durationMs) ? `${call.durationMs} ms` : null,
        ];
        return el('tr', {}, cells.map((cell) => el('td', {}, cell ?? '')));
      })));
  }

  refresh();
  return { node, refresh };
}
