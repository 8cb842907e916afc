import type { components } from './contract.ts';
import { ApiError } from './error.ts';

type Post = components['schemas']['Post'];
type Result = components['schemas']['PostResult'];

/** One second while something moves, 15 seconds while it waits. */
const BUSY_MS = 1_000;
const WAITING_MS = 15_000;

/** The states of a post in which nothing more happens by itself, unless a result is still due: a link may come later. */
const SETTLED: ReadonlySet<string> = new Set(['published', 'partial', 'failed', 'cancelled', 'expired']);

/** Whether a result changes within seconds: it is in progress, or due at the worker's next call. */
function moves({ state, dueAt }: Pick<Result, 'state' | 'dueAt'>): boolean {
  return state === 'publishing' || state === 'processing' || (dueAt != null && Date.parse(dueAt) < Date.now() + WAITING_MS);
}

/** Returns how far the upload of a result is, from 0 to 1; undefined where nothing is known. */
export function uploadProgress({ bytesSent, bytesTotal }: Pick<Result, 'bytesSent' | 'bytesTotal'>): number | undefined {
  if (typeof bytesSent !== 'number' || typeof bytesTotal !== 'number' || bytesTotal <= 0) return undefined;
  return Math.min(1, bytesSent / bytesTotal);
}

/**
 * Yields the post now and after each change, until nothing more happens by itself. It outlasts lost connections and
 * pauses while the page is hidden.
 */
export async function* watch(get: () => Promise<Post>, signal?: AbortSignal): AsyncGenerator<Post, void, undefined> {
  let seen = '';
  for (;;) {
    signal?.throwIfAborted();
    const post = await get().catch((error: unknown) => {
      if (error instanceof ApiError && (error.outcomeUnknown || error.status === 429)) return null;
      throw error;
    });
    const text = JSON.stringify(post);
    if (post && text !== seen) {
      seen = text;
      yield post;
    }
    if (post && SETTLED.has(post.state) && post.results.every(({ dueAt }) => dueAt == null)) return;
    await pause(post?.results.some(moves) ? BUSY_MS : WAITING_MS, signal);
  }
}

function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const timer = setTimeout(due, ms);
    function due() {
      if (globalThis.document?.hidden) return document.addEventListener('visibilitychange', end, { once: true });
      end();
    }
    function end() {
      signal?.removeEventListener('abort', stop);
      resolve();
    }
    function stop() {
      clearTimeout(timer);
      globalThis.document?.removeEventListener('visibilitychange', end);
      reject(signal?.reason);
    }
    signal?.addEventListener('abort', stop, { once: true });
  });
}
