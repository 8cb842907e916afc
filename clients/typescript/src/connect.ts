import { ApiError } from './error.ts';

/** How an attempt to connect an account ended. It carries no secret: read the list of accounts after `connected`. */
export interface ConnectOutcome {
  social: 'connected' | 'error';
  /** The platform; null if the callback could not tell. */
  platform: string | null;
  /** With `error`: a code of docs/errors.md, or one of ours: `popup_blocked`, `no_response`. */
  reason: string | null;
  /** Names of accounts that the person may not publish to. Show it as text only. */
  leftOut: string | null;
}

/** The name of the popup, of the channel and of the message. */
const NAME = 'social-connect';
/** As long as a state lives. */
const LIMIT_MS = 10 * 60_000;

/**
 * Calls `listener` with the outcome of every popup of this origin, also of one that was opened before a reload.
 * Returns the function that stops it.
 */
export function onConnectOutcome(listener: (outcome: ConnectOutcome) => void): () => void {
  const channel = new BroadcastChannel(NAME);
  let last = '';
  // A popup reports twice, because each way can fail alone: its opener may be cut off, its channel may be partitioned.
  const take = (data: unknown) => {
    const { type, visit = '', ...rest } = (data ?? {}) as Partial<ConnectOutcome> & { type?: string; visit?: string };
    if (type !== NAME || (rest.social !== 'connected' && rest.social !== 'error')) return;
    if (visit && visit === last) return;
    last = visit;
    listener({ social: rest.social, platform: rest.platform ?? null, reason: rest.reason ?? null, leftOut: rest.leftOut ?? null });
  };
  const onMessage = (event: MessageEvent) => event.origin === location.origin && take(event.data);
  channel.addEventListener('message', (event) => take(event.data));
  window.addEventListener('message', onMessage);
  return () => {
    channel.close();
    window.removeEventListener('message', onMessage);
  };
}

/**
 * Reads the outcome that the callback put into this page's URL; null on an ordinary visit. In a popup it reports the
 * outcome to the page that opened it and closes; on a whole page it cleans the address. Call it first on `returnTo`.
 */
export function landing(): (ConnectOutcome & { popup: boolean }) | null {
  const query = new URLSearchParams(location.search);
  const social = query.get('social');
  if (social !== 'connected' && social !== 'error') return null;
  const outcome: ConnectOutcome = {
    social,
    platform: query.get('platform'),
    reason: query.get('reason'),
    leftOut: query.get('left_out'),
  };
  const message = { type: NAME, visit: crypto.randomUUID(), ...outcome };
  const popup = Boolean(window.opener) || window.name === NAME;
  if (window.opener) window.opener.postMessage(message, location.origin);
  const channel = new BroadcastChannel(NAME);
  channel.postMessage(message);
  channel.close();
  if (popup) window.close();
  else history.replaceState(null, '', location.pathname + location.hash);
  return { ...outcome, popup };
}

/** What `connectInPopup` may be told. */
export interface Attempt {
  /** Ends the attempt: it then rejects with the signal's reason, and the popup closes. */
  signal?: AbortSignal;
  /** Is called once if the popup is closed, or looks closed, before an outcome came. The attempt goes on. */
  onClosed?: () => void;
}

/**
 * Opens the popup, sends it to the URL that `begin` returns, and waits for the outcome, at most ten minutes. It must
 * run first thing in a click, before anything is awaited: browsers block a popup that comes later.
 */
export function connectInPopup(platform: string, begin: () => Promise<string>, { signal, onClosed }: Attempt = {}): Promise<ConnectOutcome> {
  const failed = (reason: string): ConnectOutcome => ({ social: 'error', platform, reason, leftOut: null });
  signal?.throwIfAborted();
  const popup = window.open('', NAME, 'popup,width=520,height=720');
  if (!popup) return Promise.resolve(failed('popup_blocked'));
  popup.focus();
  return new Promise((resolve, reject) => {
    const stopListening = onConnectOutcome((outcome) => {
      if (outcome.platform === platform) end(() => resolve(outcome));
    });
    const limit = setTimeout(() => end(() => resolve(failed('no_response'))), LIMIT_MS);
    // A platform's opener policy makes a popup look closed while its user still signs in. So this ends nothing.
    const watch = setInterval(() => {
      if (!popup.closed) return;
      clearInterval(watch);
      onClosed?.();
    }, 500);
    const abort = () => end(() => reject(signal?.reason));
    signal?.addEventListener('abort', abort, { once: true });
    // An empty popup would stay for ever if this page left before it could send the popup anywhere.
    const leave = () => popup.close();
    window.addEventListener('pagehide', leave);
    function end(settle: () => void) {
      stopListening();
      window.removeEventListener('pagehide', leave);
      clearTimeout(limit);
      clearInterval(watch);
      signal?.removeEventListener('abort', abort);
      popup?.close();
      settle();
    }
    begin().then(
      (url) => {
        window.removeEventListener('pagehide', leave);
        popup.location.href = url;
      },
      (error: unknown) => end(() => (error instanceof ApiError ? resolve(failed(error.code)) : reject(error))),
    );
  });
}
