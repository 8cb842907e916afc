/**
 * The client of Social Publisher. `api` has every endpoint, typed by the contract; the methods beside it are the calls
 * that a page makes most, and the parts that no contract describes: the popup and following a post.
 */
import type { Client } from 'openapi-fetch';
import type { components, paths } from './contract.ts';
import { type Options, typedFetch } from './api.ts';
import { type Attempt, type ConnectOutcome, connectInPopup } from './connect.ts';
import { watch } from './watch.ts';

export type { components, paths } from './contract.ts';
export type { Options } from './api.ts';
export { type Attempt, type ConnectOutcome, landing, onConnectOutcome } from './connect.ts';
export { ApiError, type ErrorBody } from './error.ts';
export { uploadProgress } from './watch.ts';

type Schemas = components['schemas'];
export type Account = Schemas['Account'];
export type Attempts = Schemas['Attempts'];
export type NewPost = Schemas['NewPost'];
/** The platforms: a result has a member for the options of each. */
export type Platform = Exclude<keyof Schemas['NewResult'], 'accountId' | 'aiGenerated' | 'caption' | 'consent'>;
export type Post = Schemas['Post'];
export type PostEdit = Schemas['PostChange'];
export type PostingOptions = Schemas['PostingOptions'];
export type Posts = Schemas['PostPage'];
export type Resolution = Schemas['Resolution'];
export type Result = Schemas['PostResult'];
export type Setup = Schemas['Setup'];
export type Verdict = Schemas['Verdict'];

type ListQuery = NonNullable<paths['/social-posts']['get']['parameters']['query']>;

/** What `connect` may be told. */
export interface ConnectOptions extends Attempt {
  /** An account to reconnect: the outcome is `other_account` if the person signs in to another one. */
  accountId?: string;
  /** The path on `APP_URL` to end at. Default `/integrations`. A page there must call `landing()`. */
  returnTo?: string;
}

/** One user's view of Social Publisher. */
export class SocialPublisher {
  /** Every endpoint: `api.GET('/social-posts/{id}', { params: { path: { id } } })`. Throws `ApiError`. */
  readonly api: Client<paths>;

  constructor(options: Options) {
    this.api = typedFetch(options);
  }

  /**
   * Connects an account in a popup. Call it first thing in a click. It resolves for every outcome, also
   * `popup_blocked`: offer {@link connectByRedirect} then.
   */
  connect(platform: Platform, { accountId, returnTo, ...attempt }: ConnectOptions = {}): Promise<ConnectOutcome> {
    return connectInPopup(platform, () => this.authUrl(platform, { accountId, returnTo }), attempt);
  }

  /** Connects an account on the whole page, where popups do not work. `landing()` has the outcome at `returnTo`. */
  async connectByRedirect(platform: Platform, options: Pick<ConnectOptions, 'accountId' | 'returnTo'> = {}): Promise<void> {
    location.assign(await this.authUrl(platform, options));
  }

  private async authUrl(platform: Platform, options: { accountId?: string | undefined; returnTo?: string | undefined }): Promise<string> {
    const query = { platform, ...given(options) };
    const { authUrl } = value(await this.api.POST('/social-accounts-connect', { params: { query } }));
    if (!/^https?:$/.test(new URL(authUrl).protocol)) throw new TypeError('authUrl is not a web address');
    return authUrl;
  }

  /** Returns all accounts, disconnected ones too. */
  async listAccounts(): Promise<Account[]> {
    const accounts: Account[] = [];
    let cursor: string | null | undefined;
    do {
      const query = given({ limit: 100, cursor: cursor ?? undefined });
      const page = value(await this.api.GET('/social-accounts', { params: { query } }));
      accounts.push(...page.accounts);
      cursor = page.nextCursor;
    } while (cursor);
    return accounts;
  }

  /** Returns which platforms the operator has set up, and the product's legal pages. */
  async listPlatforms(): Promise<Setup> {
    return value(await this.api.GET('/social-accounts/platforms'));
  }

  /** Disconnects an account. Safe to repeat. */
  async disconnect(id: string): Promise<void> {
    await this.api.DELETE('/social-accounts/{id}', { params: { path: { id } } });
  }

  /** Returns what the account's owner may choose from now. Each call queries the platform. */
  async postingOptions(id: string): Promise<PostingOptions> {
    return value(await this.api.GET('/social-accounts/{id}/posting-options', { params: { path: { id } } }));
  }

  /** Returns a page of posts, newest first. */
  async listPosts(query: ListQuery = {}): Promise<Posts> {
    return value(await this.api.GET('/social-posts', { params: { query } }));
  }

  /** Returns a post. */
  async getPost(id: string): Promise<Post> {
    return value(await this.api.GET('/social-posts/{id}', { params: { path: { id } } }));
  }

  /** Creates a post. With the same key and body, a repeated call returns the same post. */
  async createPost(body: NewPost, idempotencyKey: string): Promise<Post> {
    return value(await this.api.POST('/social-posts', { body, params: { header: { 'Idempotency-Key': idempotencyKey } } }));
  }

  /** Returns everything that would stop a post, and what its owner may want to know. Creates nothing. */
  async validatePost(body: NewPost, { signal }: { signal?: AbortSignal } = {}): Promise<Verdict> {
    return value(await this.api.POST('/social-posts/validate', { body, ...(signal && { signal }) }));
  }

  /** Changes a post that has not begun. `changes.version` is the one that you read. */
  async editPost(id: string, changes: PostEdit): Promise<Post> {
    return value(await this.api.PATCH('/social-posts/{id}', { body: changes, params: { path: { id } } }));
  }

  /** Cancels every result that has not passed the point of no return. */
  async cancelPost(id: string): Promise<Post> {
    return value(await this.api.POST('/social-posts/{id}/cancel', { params: { path: { id } } }));
  }

  /** Restarts every failed or expired result. */
  async retryPost(id: string): Promise<Post> {
    return value(await this.api.POST('/social-posts/{id}/retry', { params: { path: { id } } }));
  }

  /** Resolves a result in doubt by what its owner saw on the account. */
  async resolveResult(id: string, resolution: Resolution): Promise<Post> {
    return value(await this.api.POST('/social-posts/{id}/resolve', { body: resolution, params: { path: { id } } }));
  }

  /** Returns the attempt log of a post, oldest first. */
  async attempts(id: string): Promise<Attempts['attempts']> {
    return value(await this.api.GET('/social-posts/{id}/attempts', { params: { path: { id } } })).attempts;
  }

  /** Yields a post now and after each change, until nothing more happens by itself. */
  watch(id: string, { signal }: { signal?: AbortSignal } = {}): AsyncGenerator<Post, void, undefined> {
    return watch(() => this.getPost(id), signal);
  }
}

/** Returns the body of a response that `typedFetch` has already checked. */
function value<T>({ data }: { data?: T }): T {
  if (data === undefined) throw new TypeError('the response has no body');
  return data;
}

/** Leaves out what is undefined, which `exactOptionalPropertyTypes` does not allow as a value. */
function given<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as { [K in keyof T]?: Exclude<T[K], undefined> };
}
