export type Account = any;
export type Post = any;
export interface Outcome { social: string; platform: string | null; reason: string | null; leftOut: string | null }
interface Connect { accountId?: string; returnTo?: string; signal?: AbortSignal; onClosed?: () => void }
export class SocialPublisher {
  constructor(options: { baseUrl?: string; token: (wanted: { expired: boolean }) => string | Promise<string> });
  connect(platform: string, options?: Connect): Promise<Outcome>;
  connectByRedirect(platform: string, options?: Connect): Promise<void>;
  listPlatforms(): Promise<any>;
  listAccounts(): Promise<Account[]>;
  disconnect(id: string): Promise<void>;
  postingOptions(id: string): Promise<any>;
  listPosts(query?: object): Promise<{ posts: Post[]; nextCursor: string | null }>;
  getPost(id: string): Promise<Post>;
  createPost(body: object, idempotencyKey: string): Promise<Post>;
  validatePost(body: object, options?: { signal?: AbortSignal }): Promise<any>;
  editPost(id: string, changes: object): Promise<Post>;
  cancelPost(id: string): Promise<Post>;
  retryPost(id: string): Promise<Post>;
  resolveResult(id: string, resolution: object): Promise<Post>;
  attempts(id: string): Promise<any[]>;
}
export class ApiError extends Error {
  constructor(status: number, body?: object);
  status: number;
  code: string;
  field: string | undefined;
  retryAfter: number | undefined;
  post: Post | undefined;
  get outcomeUnknown(): boolean;
}
export function landing(): (Outcome & { popup: boolean }) | null;
export function onConnectOutcome(listener: (outcome: Outcome) => void): () => void;
export function uploadProgress(result: object): number | undefined;
