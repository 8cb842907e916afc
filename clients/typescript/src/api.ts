import createClient, { type Client } from 'openapi-fetch';
import type { paths } from './contract.ts';
import { ApiError, type ErrorBody } from './error.ts';

/** Where the functions are, and who calls them. */
export interface Options {
  /** The URL before the function's name. Default `/api`, on the page's own origin. */
  baseUrl?: string;
  /** Returns the user's token. `expired` is true when the last one was just refused: return a new one then. */
  token: (wanted: { expired: boolean }) => string | Promise<string>;
  /** The fetch to use. Default: the platform's own. */
  fetch?: typeof globalThis.fetch;
}

/** Half a minute: longer than any function waits for a platform. */
const TIMEOUT_MS = 30_000;
/** A page asks for few lists and posts again and again. */
const MOST_KEPT = 20;

/** Every endpoint, typed by the contract: see openapi-fetch. A response outside 2xx is thrown as an {@link ApiError}. */
export function typedFetch({ baseUrl = '/api', token, fetch: own }: Options): Client<paths> {
  const send = own ?? ((request: Request) => globalThis.fetch(request));
  // Bodies with their entity tags, so that what has not changed is not sent again (RFC 9110 §13.1.2).
  const kept = new Map<string, { tag: string; body: string }>();
  const origin = globalThis.location?.origin;
  return createClient<paths>({
    // A Request of Node has no page that a path could belong to.
    baseUrl: origin ? new URL(baseUrl, origin).href : baseUrl,
    cache: 'no-store',
    credentials: 'same-origin',
    fetch: async (request) => {
      // Read once: a body can be sent only once, and the second try needs it too.
      const again = request.clone();
      const response = await attempt(request, await token({ expired: false }));
      if (response.status !== 401) return checked(response);
      return checked(await attempt(again, await token({ expired: true })));
    },
  });

  async function attempt(request: Request, bearer: string): Promise<Response> {
    const headers = new Headers(request.headers);
    headers.set('Authorization', `Bearer ${bearer}`);
    const last = request.method === 'GET' ? kept.get(request.url) : undefined;
    if (last) headers.set('If-None-Match', last.tag);
    const signal = AbortSignal.any([request.signal, AbortSignal.timeout(TIMEOUT_MS)]);
    try {
      const response = await send(new Request(request, { headers, signal }));
      // The body is read here, so that a connection lost in the middle counts as no response.
      const body = await response.text();
      if (last && response.status === 304) return new Response(last.body, { headers: response.headers });
      if (request.method === 'GET' && response.ok) keep(request.url, response.headers.get('ETag'), body);
      return new Response(body || null, response);
    } catch (cause) {
      request.signal.throwIfAborted();
      throw Object.assign(new ApiError(0), { cause });
    }
  }

  function keep(url: string, tag: string | null, body: string): void {
    kept.delete(url);
    if (tag) kept.set(url, { tag, body });
    for (const oldest of kept.keys()) {
      if (kept.size <= MOST_KEPT) break;
      kept.delete(oldest);
    }
  }
}

async function checked(response: Response): Promise<Response> {
  if (response.ok) return response;
  const body = (await response.json().catch(() => null)) as { error?: ErrorBody } | null;
  throw new ApiError(response.status, body?.error);
}
