// Connecting an account in a popup: opening it, and learning how it ended.

import { connectUrl } from './api.js';
import { webUrl } from './dom.js';

const NAME = 'social-connect';
const LIMIT_MS = 10 * 60_000;
const WATCH_MS = 3_000;

const REASONS = {
  access_denied: (p) => `You declined on ${p}, so nothing was connected. Connect again when you want to allow it.`,
  state_expired: () => 'The sign-in took more than ten minutes. Connect again and finish it in one go.',
  state_used: () => 'This sign-in was already completed. If the account is not listed below, connect again.',
  state_unknown: () => 'This sign-in did not begin on this page. Connect again from here.',
  other_browser: () => 'The sign-in ended in a different browser from the one it began in. Use one browser for both, with cookies allowed for this site.',
  other_account: (p) => `You signed in to a different ${p} account from the one to reconnect. Switch accounts on ${p} and reconnect, or connect the other one as a new account.`,
  other_platform: (p) => `The answer came to another platform's address. Connect ${p} again from this page.`,
  internal_error: (p) => `Something broke on our side, and nothing was connected. Connect ${p} again in a moment.`,
  exchange_failed: (p) => `${p} did not confirm the sign-in. Connect again; if it happens repeatedly, tell the people who run this site.`,
  platform_refused: (p) => `${p} ended the sign-in with an error of its own. Connect again in a few minutes; if it happens repeatedly, tell the people who run this site.`,
  missing_scope: (p) => `A permission that publishing needs was switched off. Connect again and leave every permission on at ${p}.`,
  no_account: (p) => `There is nothing to publish to: ${p} showed no account, page or channel that you may publish for. Connect again and choose one, or have its owner give you that right.`,
  not_lasting: (p) => `${p} gave a permission that ends within hours. Connect again and agree to everything it asks.`,
  invalid_response: (p) => `${p} gave an answer that could not be understood. Connect again; if it happens repeatedly, tell the people who run this site.`,
  platform_unavailable: (p) => `${p} is not reachable at the moment. Connect again in a few minutes.`,
};

export function outcomeOf({ social, reason, leftOut }, label) {
  const others = leftOut ? ` ${leftOut} left out: you may not publish there.` : '';
  if (social === 'connected') return { kind: 'good', text: `Your ${label} account is connected.${others}` };
  const sentence = Object.hasOwn(REASONS, reason) ? REASONS[reason](label) : 'The account was not connected. Connect again.';
  return { kind: 'bad', text: sentence + others };
}

// What the callback left in this page's own address; null on an ordinary visit.
export function landing() {
  const query = new URLSearchParams(location.search);
  const social = query.get('social');
  if (social !== 'connected' && social !== 'error') return null;
  const result = { type: NAME, social, platform: query.get('platform'), reason: query.get('reason'), leftOut: query.get('left_out') };
  const popup = Boolean(window.opener) || window.name === NAME;
  if (window.opener) window.opener.postMessage(result, location.origin);
  const channel = new BroadcastChannel(NAME);
  channel.postMessage(result);
  channel.close();
  if (popup) window.close();
  else history.replaceState(null, '', location.pathname + location.hash);
  return { ...result, popup };
}

let running = null;

// Must be called straight from a click, or the browser blocks the popup.
// `settled` receives {kind, text} at the end, `waiting` the same while the outcome is still open.
export async function connect({ platform, label, accountId, arrived, waiting, settled }) {
  running?.stop();
  const popup = window.open('', NAME, 'popup,width=520,height=720');
  if (!popup) {
    settled({ kind: 'bad', text: `The browser blocked the ${label} window. Allow pop-up windows for this site, then connect again.` });
    return;
  }
  popup.focus();
  introduce(popup, label);
  const attempt = watch({ popup, platform, label, arrived, waiting, settled });
  try {
    const { authUrl } = await connectUrl(platform, accountId);
    if (!attempt.active) return;
    const url = webUrl(authUrl);
    if (!url) throw new Error(`The server gave no usable address for ${label}.`);
    if (!popup.closed) popup.location.href = url;
  } catch (error) {
    if (!attempt.active) return;
    popup.close();
    attempt.end({ kind: 'bad', text: error.sentence ?? error.message });
  }
}

function introduce(popup, label) {
  try {
    popup.document.title = `Connect ${label}`;
    popup.document.body.textContent = `Opening ${label} …`;
  } catch {
    // A popup left over from an earlier attempt shows the platform's page, which we may not touch.
  }
}

function watch({ popup, platform, label, arrived, waiting, settled }) {
  const channel = new BroadcastChannel(NAME);
  const began = Date.now();
  let closed = false;
  let timer;

  const attempt = {
    active: true,
    stop() {
      attempt.active = false;
      clearTimeout(timer);
      window.removeEventListener('message', onMessage);
      channel.close();
      if (running === attempt) running = null;
    },
    end(outcome) {
      attempt.stop();
      settled(outcome);
    },
  };

  function take(data) {
    if (!attempt.active || data?.type !== NAME || data.platform !== platform) return;
    attempt.end(outcomeOf(data, label));
  }
  function onMessage(event) {
    if (event.origin === location.origin) take(event.data);
  }

  // A platform may cut the tie between the two windows (COOP); its popup then looks closed while the user is still
  // signing in. So a closed popup frees the button, and the account list is watched for what may yet arrive.
  async function tick() {
    if (Date.now() - began > LIMIT_MS) {
      if (!closed) popup.close();
      attempt.end(closed ? null : { kind: 'bad', text: `${label} gave no answer within ten minutes. Connect again.` });
      return;
    }
    if (closed && (await arrived().catch(() => false))) {
      if (attempt.active) attempt.end(outcomeOf({ social: 'connected' }, label));
      return;
    }
    if (!attempt.active) return;
    if (!closed && popup.closed) {
      closed = true;
      timer = setTimeout(() => {
        waiting({ kind: 'info', text: `The ${label} window was closed before an account was connected. If you are still signing in, the account appears here by itself; otherwise connect again.` });
        tick();
      }, 600);
      return;
    }
    timer = setTimeout(tick, closed ? WATCH_MS : 400);
  }

  window.addEventListener('message', onMessage);
  channel.addEventListener('message', (event) => take(event.data));
  running = attempt;
  timer = setTimeout(tick, 400);
  return attempt;
}
