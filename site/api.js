// The calls to the functions, and the user token they carry.

import { soon } from './dom.js';

const STORED = 'social-publisher-token';
let token = null;
let renew = null;
let ended = () => {};

export class ApiError extends Error {
  constructor(status, { code, message, field, retryAfter } = {}) {
    super(message || (status ? `The server returned an error (${status}). Try again.` : 'The server did not respond. Check your connection and try again.'));
    this.status = status;
    this.code = code ?? (status ? 'unknown' : 'network');
    this.field = field;
    this.retryAfter = retryAfter;
  }

  // After a lost response or a server error, the request may have taken effect.
  get outcomeUnknown() {
    return this.status === 0 || this.status >= 500;
  }

  get sentence() {
    return this.retryAfter > 0 ? `${this.message} You can try again ${soon(this.retryAfter)}.` : this.message;
  }
}

export async function openSession(onEnded) {
  ended = onEnded;
  const local = await localSession();
  if (local) {
    token = local.token;
    renew = async () => (await localSession())?.token;
    return { kind: 'local', ...local };
  }
  if (window.socialPublisherToken) {
    renew = hostToken;
    token = await hostToken();
    return { kind: 'host' };
  }
  token = sessionStorage.getItem(STORED);
  return token ? { kind: 'pasted' } : null;
}

export function useToken(value) {
  token = value;
  sessionStorage.setItem(STORED, value);
}

export function forgetToken() {
  token = null;
  sessionStorage.removeItem(STORED);
}

// The product that embeds this page sets a token, or a function that returns one (perhaps later).
async function hostToken() {
  const given = window.socialPublisherToken;
  return typeof given === 'function' ? given() : given;
}

async function localSession() {
  try {
    const response = await fetch('/local/session', { cache: 'no-store' });
    if (!response.ok) return null;
    const session = await response.json();
    return typeof session.token === 'string' ? session : null;
  } catch {
    return null;
  }
}

export async function call(path, options = {}) {
  try {
    return await send(path, options);
  } catch (error) {
    if (error.status !== 401) throw error;
    const fresh = renew ? await renew() : null;
    if (!fresh || fresh === token) {
      if (!renew) forgetToken();
      ended(error);
      throw error;
    }
    token = fresh;
    return send(path, options);
  }
}

async function send(path, { method = 'GET', body, headers = {} }) {
  const request = {
    method,
    cache: 'no-store',
    credentials: 'same-origin',
    headers: { Accept: 'application/json', Authorization: `Bearer ${token}`, ...headers },
    signal: AbortSignal.timeout(30_000),
  };
  if (body !== undefined) {
    request.body = JSON.stringify(body);
    request.headers['Content-Type'] = 'application/json';
  }
  let response;
  let answer = null;
  try {
    response = await fetch(`/api/${path}`, request);
    const text = await response.text();
    if (text) answer = JSON.parse(text);
  } catch (cause) {
    throw new ApiError(response && cause instanceof SyntaxError ? response.status : 0);
  }
  if (!response.ok) throw new ApiError(response.status, answer?.error);
  return answer;
}

const query = (values) => new URLSearchParams(Object.entries(values).filter(([, value]) => value));
const id = encodeURIComponent;

export const connectUrl = (platform, accountId) =>
  call(`social-accounts-connect?${query({ platform, returnTo: '/integrations', accountId })}`);

export async function listAccounts() {
  const accounts = [];
  let cursor = null;
  do {
    const page = await call(`social-accounts?${query({ cursor })}`);
    accounts.push(...page.accounts);
    cursor = page.nextCursor;
  } while (cursor);
  return accounts;
}

export const disconnect = (account) => call(`social-accounts/${id(account)}`, { method: 'DELETE' });
export const postingOptions = (account) => call(`social-accounts/${id(account)}/posting-options`);

export const listPosts = (cursor) => call(`social-posts?${query({ limit: 20, cursor })}`);
export const getPost = (post) => call(`social-posts/${id(post)}`);
export const createPost = (body, key) => call('social-posts', { method: 'POST', body, headers: { 'Idempotency-Key': key } });
export const validatePost = (body) => call('social-posts/validate', { method: 'POST', body });
export const editPost = (post, changes) => call(`social-posts/${id(post)}`, { method: 'PATCH', body: changes });
export const cancelPost = (post) => call(`social-posts/${id(post)}/cancel`, { method: 'POST' });
export const retryPost = (post) => call(`social-posts/${id(post)}/retry`, { method: 'POST' });
export const resolveResult = (post, resultId, outcome) =>
  call(`social-posts/${id(post)}/resolve`, { method: 'POST', body: { resultId, outcome } });
export const attempts = (post) => call(`social-posts/${id(post)}/attempts`);
