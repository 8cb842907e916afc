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

/** Every endpoint, typed by the contract: see openapi-fetch. A response outside 2xx is thrown as an {@link ApiError}. */
export function typedFetch({ baseUrl = '/api', token, fetch: own }: Options): Client<paths> {
  const send = own ?? ((request: Request) => globalThis.fetch(request));
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
    const signal = AbortSignal.any([request.signal, AbortSignal.timeout(TIMEOUT_MS)]);
    try {
      const response = await send(new Request(request, { headers, signal }));
      // The body is read here, so that a connection lost in the middle counts as no response.
      const body = await response.text();
      return new Response(body || null, response);
    } catch (cause) {
      request.signal.throwIfAborted();
      throw Object.assign(new ApiError(0), { cause });
    }
  }
}

async function checked(response: Response): Promise<Response> {
  if (response.ok) return response;
  const body = (await response.json().catch(() => null)) as { error?: ErrorBody } | null;
  throw new ApiError(response.status, body?.error);
}
