import type { components } from './contract.ts';

/** The body of every error: `code` is stable, `message` is for people. */
export interface ErrorBody {
  code: string;
  message: string;
  field?: string;
  retryAfter?: number;
  /** With `version_conflict`: the post as it is now. */
  post?: components['schemas']['Post'];
}

/** A response that says no, or no response at all (then `status` is 0 and `code` is `network`). */
export class ApiError extends Error {
  /** The HTTP status; 0 where no whole response came. */
  readonly status: number;
  /** The stable code, see docs/errors.md; `network` without a response, `unknown` if the response is not ours. */
  readonly code: string;
  /** The field of the request to fix, such as `results[0].tiktok.privacy_level`. */
  readonly field: string | undefined;
  /** When to try again, in seconds. */
  readonly retryAfter: number | undefined;

  /** With `version_conflict`: the post as it is now. */
  readonly post: ErrorBody['post'];

  constructor(status: number, body?: Partial<ErrorBody>) {
    super(body?.message ?? (status ? `The server returned an error (${status}). Try again.` : 'The server did not respond. Check your connection and try again.'));
    this.name = 'ApiError';
    this.status = status;
    this.code = body?.code ?? (status ? 'unknown' : 'network');
    this.field = body?.field;
    this.retryAfter = body?.retryAfter;
    this.post = body?.post;
  }

  /** Whether the request may have taken effect: its response was lost, or the server failed. */
  get outcomeUnknown(): boolean {
    return this.status === 0 || this.status >= 500;
  }
}
