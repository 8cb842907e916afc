// Connects an account in a popup: opens it, and receives the outcome.

import { connectUrl } from './api.js';
import { webUrl } from './dom.js';

const NAME = 'social-connect';
const LIMIT_MS = 10 * 60_000;
const WATCH_MS = 3_000;

// The account that a sign-in must yield on each platform.
const NO_ACCOUNT = {
  Instagram: 'We found no Instagram account that can publish. Personal accounts can’t: switch it to a business or creator account, then connect again.',
  Facebook: 'We found no Facebook Page that you can publish on. Choose a Page when you connect, or ask its owner for access.',
  YouTube: 'This Google account has no YouTube channel. Create one at youtube.com, then connect again.',
};

const REASONS = {
  access_denied: (p) => `You didn’t allow access on ${p}, so nothing was connected. Connect again when you are ready.`,
  state_expired: () => 'The sign-in took more than ten minutes. Connect again.',
  state_used: () => 'This sign-in was already used. If the account isn’t listed below, connect again.',
  state_unknown: () => 'This sign-in didn’t start on this page. Connect again from here.',
  other_browser: () => 'The sign-in ended in a different browser. Connect again in one browser, with cookies allowed for this site.',
  other_account: (p) => `You signed in to a different ${p} account. Switch accounts on ${p} and reconnect, or connect the other one as a new account.`,
  other_platform: (p) => `Something mixed up two platforms during the sign-in. Connect ${p} again from this page.`,
  internal_error: (p) => `Something went wrong on our side, and nothing was connected. Connect ${p} again in a moment.`,
  exchange_failed: (p) => `${p} didn’t confirm the sign-in. Connect again. If it keeps happening, contact support.`,
  platform_refused: (p) => `${p} ended the sign-in with an error. Connect again in a few minutes. If it keeps happening, contact support.`,
  missing_scope: (p) => `A permission that we need for publishing was turned off. Connect again and leave every permission on.`,
  no_account: (p) => Object.hasOwn(NO_ACCOUNT, p) ? NO_ACCOUNT[p] : `We found no ${p} account that you can publish to. Choose another one and connect again.`,
  not_lasting: (p) => `${p} only gave access for a few hours. Connect again and agree to everything it asks.`,
  invalid_response: (p) => `We couldn’t read the response from ${p}. Connect again. If it keeps happening, contact support.`,
  platform_unavailable: (p) => `We can’t reach ${p} right now. Connect again in a few minutes.`,
};

export function outcomeOf({ social, reason, leftOut }, label) {
  const others = leftOut ? ` ${leftOut} left out: you can’t publish there.` : '';
  if (social === 'connected') return { kind: 'good', text: `Your ${label} account is connected.${others}` };
  const sentence = Object.hasOwn(REASONS, reason) ? REASONS[reason](label) : 'The account wasn’t connected. Connect again.';
  return { kind: 'bad', text: sentence + others };
}

// Returns the outcome that the callback put into this page's URL; null on an ordinary visit.
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

// Call it directly from a click, or the browser blocks the popup.
// `settled` receives {kind, text} at the end, `waiting` receives the same while the outcome is open.
export async function connect({ platform, label, accountId, arrived, waiting, settled }) {
  running?.stop();
  const popup = window.open('', NAME, 'popup,width=520,height=720');
  if (!popup) {
    settled({ kind: 'bad', text: `Your browser blocked the ${label} window. Allow pop-ups for this site, then connect again.` });
    return;
  }
  popup.focus();
  introduce(popup, label);
  const attempt = watch({ popup, platform, label, arrived, waiting, settled });
  try {
    const { authUrl } = await connectUrl(platform, accountId);
    if (!attempt.active) return;
    const url = webUrl(authUrl);
    if (!url) throw new Error(`We couldn’t open ${label}. Try again.`);
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
    popup.document.body.textContent = `Opening ${label}…`;
  } catch {
    // A popup of an earlier attempt shows the platform's page, which scripts here cannot access.
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

  // A platform may separate the two windows (COOP). Its popup then looks closed while the user is still signing in.
  // So a closed popup enables the button, and the account list is checked for a new account.
  async function tick() {
    if (Date.now() - began > LIMIT_MS) {
      if (!closed) popup.close();
      attempt.end(closed ? null : { kind: 'bad', text: `${label} didn’t respond within ten minutes. Connect again.` });
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
        waiting({ kind: 'info', text: `The ${label} window was closed before an account was connected. If you are still signing in, the account will appear here. Otherwise, connect again.` });
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
