// node_modules/openapi-fetch/dist/index.mjs
var PATH_PARAM_RE = /\{[^{}]+\}/g;
var supportsRequestInitExt = () => {
  return typeof process === "object" && Number.parseInt(process?.versions?.node?.substring(0, 2)) >= 18 && process.versions.undici;
};
function randomID() {
  return Math.random().toString(36).slice(2, 11);
}
function createClient(clientOptions) {
  let {
    baseUrl = "",
    Request: CustomRequest = globalThis.Request,
    fetch: baseFetch = globalThis.fetch,
    querySerializer: globalQuerySerializer,
    bodySerializer: globalBodySerializer,
    pathSerializer: globalPathSerializer,
    headers: baseHeaders,
    requestInitExt = void 0,
    ...baseOptions
  } = { ...clientOptions };
  requestInitExt = supportsRequestInitExt() ? requestInitExt : void 0;
  baseUrl = removeTrailingSlash(baseUrl);
  const globalMiddlewares = [];
  async function coreFetch(schemaPath, fetchOptions) {
    const {
      baseUrl: localBaseUrl,
      fetch = baseFetch,
      Request: Request2 = CustomRequest,
      headers,
      params = {},
      parseAs = "json",
      querySerializer: requestQuerySerializer,
      bodySerializer = globalBodySerializer ?? defaultBodySerializer,
      pathSerializer: requestPathSerializer,
      body,
      middleware: requestMiddlewares = [],
      ...init
    } = fetchOptions || {};
    let finalBaseUrl = baseUrl;
    if (localBaseUrl) {
      finalBaseUrl = removeTrailingSlash(localBaseUrl) ?? baseUrl;
    }
    let querySerializer = typeof globalQuerySerializer === "function" ? globalQuerySerializer : createQuerySerializer(globalQuerySerializer);
    if (requestQuerySerializer) {
      querySerializer = typeof requestQuerySerializer === "function" ? requestQuerySerializer : createQuerySerializer({
        ...typeof globalQuerySerializer === "object" ? globalQuerySerializer : {},
        ...requestQuerySerializer
      });
    }
    const pathSerializer = requestPathSerializer || globalPathSerializer || defaultPathSerializer;
    const serializedBody = body === void 0 ? void 0 : bodySerializer(
      body,
      // Note: we declare mergeHeaders() both here and below because it’s a bit of a chicken-or-egg situation:
      // bodySerializer() needs all headers so we aren’t dropping ones set by the user, however,
      // the result of this ALSO sets the lowest-priority content-type header. So we re-merge below,
      // setting the content-type at the very beginning to be overwritten.
      // Lastly, based on the way headers work, it’s not a simple “present-or-not” check becauase null intentionally un-sets headers.
      mergeHeaders(baseHeaders, headers, params.header)
    );
    const finalHeaders = mergeHeaders(
      // with no body, we should not to set Content-Type
      serializedBody === void 0 || // if serialized body is FormData; browser will correctly set Content-Type & boundary expression
      serializedBody instanceof FormData ? {} : {
        "Content-Type": "application/json"
      },
      baseHeaders,
      headers,
      params.header
    );
    const finalMiddlewares = [...globalMiddlewares, ...requestMiddlewares];
    const requestInit = {
      redirect: "follow",
      ...baseOptions,
      ...init,
      body: serializedBody,
      headers: finalHeaders
    };
    let id;
    let options;
    let request = new Request2(
      createFinalURL(schemaPath, { baseUrl: finalBaseUrl, params, querySerializer, pathSerializer }),
      requestInit
    );
    let response;
    for (const key in init) {
      if (!(key in request)) {
        request[key] = init[key];
      }
    }
    if (finalMiddlewares.length) {
      id = randomID();
      options = Object.freeze({
        baseUrl: finalBaseUrl,
        fetch,
        parseAs,
        querySerializer,
        bodySerializer,
        pathSerializer
      });
      for (const m of finalMiddlewares) {
        if (m && typeof m === "object" && typeof m.onRequest === "function") {
          const result = await m.onRequest({
            request,
            schemaPath,
            params,
            options,
            id
          });
          if (result) {
            if (result instanceof Request2) {
              request = result;
            } else if (result instanceof Response) {
              response = result;
              break;
            } else {
              throw new Error("onRequest: must return new Request() or Response() when modifying the request");
            }
          }
        }
      }
    }
    if (!response) {
      try {
        response = await fetch(request, requestInitExt);
      } catch (error2) {
        let errorAfterMiddleware = error2;
        if (finalMiddlewares.length) {
          for (let i = finalMiddlewares.length - 1; i >= 0; i--) {
            const m = finalMiddlewares[i];
            if (m && typeof m === "object" && typeof m.onError === "function") {
              const result = await m.onError({
                request,
                error: errorAfterMiddleware,
                schemaPath,
                params,
                options,
                id
              });
              if (result) {
                if (result instanceof Response) {
                  errorAfterMiddleware = void 0;
                  response = result;
                  break;
                }
                if (result instanceof Error) {
                  errorAfterMiddleware = result;
                  continue;
                }
                throw new Error("onError: must return new Response() or instance of Error");
              }
            }
          }
        }
        if (errorAfterMiddleware) {
          throw errorAfterMiddleware;
        }
      }
      if (finalMiddlewares.length) {
        for (let i = finalMiddlewares.length - 1; i >= 0; i--) {
          const m = finalMiddlewares[i];
          if (m && typeof m === "object" && typeof m.onResponse === "function") {
            const result = await m.onResponse({
              request,
              response,
              schemaPath,
              params,
              options,
              id
            });
            if (result) {
              if (!(result instanceof Response)) {
                throw new Error("onResponse: must return new Response() when modifying the response");
              }
              response = result;
            }
          }
        }
      }
    }
    const contentLength = response.headers.get("Content-Length");
    if (response.status === 204 || request.method === "HEAD" || contentLength === "0" && !response.headers.get("Transfer-Encoding")?.includes("chunked")) {
      return response.ok ? { data: void 0, response } : { error: void 0, response };
    }
    if (response.ok) {
      const getResponseData = async () => {
        if (parseAs === "stream") {
          return response.body;
        }
        if (parseAs === "json" && !contentLength) {
          const raw = await response.text();
          return raw ? JSON.parse(raw) : void 0;
        }
        return await response[parseAs]();
      };
      return { data: await getResponseData(), response };
    }
    let error = await response.text();
    try {
      error = JSON.parse(error);
    } catch {
    }
    return { error, response };
  }
  return {
    request(method, url, init) {
      return coreFetch(url, { ...init, method: method.toUpperCase() });
    },
    /** Call a GET endpoint */
    GET(url, init) {
      return coreFetch(url, { ...init, method: "GET" });
    },
    /** Call a PUT endpoint */
    PUT(url, init) {
      return coreFetch(url, { ...init, method: "PUT" });
    },
    /** Call a POST endpoint */
    POST(url, init) {
      return coreFetch(url, { ...init, method: "POST" });
    },
    /** Call a DELETE endpoint */
    DELETE(url, init) {
      return coreFetch(url, { ...init, method: "DELETE" });
    },
    /** Call a OPTIONS endpoint */
    OPTIONS(url, init) {
      return coreFetch(url, { ...init, method: "OPTIONS" });
    },
    /** Call a HEAD endpoint */
    HEAD(url, init) {
      return coreFetch(url, { ...init, method: "HEAD" });
    },
    /** Call a PATCH endpoint */
    PATCH(url, init) {
      return coreFetch(url, { ...init, method: "PATCH" });
    },
    /** Call a TRACE endpoint */
    TRACE(url, init) {
      return coreFetch(url, { ...init, method: "TRACE" });
    },
    /** Register middleware */
    use(...middleware) {
      for (const m of middleware) {
        if (!m) {
          continue;
        }
        if (typeof m !== "object" || !("onRequest" in m || "onResponse" in m || "onError" in m)) {
          throw new Error("Middleware must be an object with one of `onRequest()`, `onResponse() or `onError()`");
        }
        globalMiddlewares.push(m);
      }
    },
    /** Unregister middleware */
    eject(...middleware) {
      for (const m of middleware) {
        const i = globalMiddlewares.indexOf(m);
        if (i !== -1) {
          globalMiddlewares.splice(i, 1);
        }
      }
    }
  };
}
function serializePrimitiveParam(name, value2, options) {
  if (value2 === void 0 || value2 === null) {
    return "";
  }
  if (typeof value2 === "object") {
    throw new Error(
      "Deeply-nested arrays/objects aren\u2019t supported. Provide your own `querySerializer()` to handle these."
    );
  }
  return `${name}=${options?.allowReserved === true ? value2 : encodeURIComponent(value2)}`;
}
function serializeObjectParam(name, value2, options) {
  if (!value2 || typeof value2 !== "object") {
    return "";
  }
  const values = [];
  const joiner = {
    simple: ",",
    label: ".",
    matrix: ";"
  }[options.style] || "&";
  if (options.style !== "deepObject" && options.explode === false) {
    for (const k in value2) {
      values.push(k, options.allowReserved === true ? value2[k] : encodeURIComponent(value2[k]));
    }
    const final2 = values.join(",");
    switch (options.style) {
      case "form": {
        return `${name}=${final2}`;
      }
      case "label": {
        return `.${final2}`;
      }
      case "matrix": {
        return `;${name}=${final2}`;
      }
      default: {
        return final2;
      }
    }
  }
  for (const k in value2) {
    const finalName = options.style === "deepObject" ? `${name}[${k}]` : k;
    values.push(serializePrimitiveParam(finalName, value2[k], options));
  }
  const final = values.join(joiner);
  return options.style === "label" || options.style === "matrix" ? `${joiner}${final}` : final;
}
function serializeArrayParam(name, value2, options) {
  if (!Array.isArray(value2)) {
    return "";
  }
  if (options.explode === false) {
    const joiner2 = { form: ",", spaceDelimited: "%20", pipeDelimited: "|" }[options.style] || ",";
    const final = (options.allowReserved === true ? value2 : value2.map((v) => encodeURIComponent(v))).join(joiner2);
    switch (options.style) {
      case "simple": {
        return final;
      }
      case "label": {
        return `.${final}`;
      }
      case "matrix": {
        return `;${name}=${final}`;
      }
      // case "spaceDelimited":
      // case "pipeDelimited":
      default: {
        return `${name}=${final}`;
      }
    }
  }
  const joiner = { simple: ",", label: ".", matrix: ";" }[options.style] || "&";
  const values = [];
  for (const v of value2) {
    if (options.style === "simple" || options.style === "label") {
      values.push(options.allowReserved === true ? v : encodeURIComponent(v));
    } else {
      values.push(serializePrimitiveParam(name, v, options));
    }
  }
  return options.style === "label" || options.style === "matrix" ? `${joiner}${values.join(joiner)}` : values.join(joiner);
}
function createQuerySerializer(options) {
  return function querySerializer(queryParams) {
    const search = [];
    if (queryParams && typeof queryParams === "object") {
      for (const name in queryParams) {
        const value2 = queryParams[name];
        if (value2 === void 0 || value2 === null) {
          continue;
        }
        if (Array.isArray(value2)) {
          if (value2.length === 0) {
            continue;
          }
          search.push(
            serializeArrayParam(name, value2, {
              style: "form",
              explode: true,
              ...options?.array,
              allowReserved: options?.allowReserved || false
            })
          );
          continue;
        }
        if (typeof value2 === "object") {
          search.push(
            serializeObjectParam(name, value2, {
              style: "deepObject",
              explode: true,
              ...options?.object,
              allowReserved: options?.allowReserved || false
            })
          );
          continue;
        }
        search.push(serializePrimitiveParam(name, value2, options));
      }
    }
    return search.join("&");
  };
}
function defaultPathSerializer(pathname, pathParams) {
  let nextURL = pathname;
  for (const match of pathname.match(PATH_PARAM_RE) ?? []) {
    let name = match.substring(1, match.length - 1);
    let explode = false;
    let style = "simple";
    if (name.endsWith("*")) {
      explode = true;
      name = name.substring(0, name.length - 1);
    }
    if (name.startsWith(".")) {
      style = "label";
      name = name.substring(1);
    } else if (name.startsWith(";")) {
      style = "matrix";
      name = name.substring(1);
    }
    if (!pathParams || pathParams[name] === void 0 || pathParams[name] === null) {
      continue;
    }
    const value2 = pathParams[name];
    if (Array.isArray(value2)) {
      nextURL = nextURL.replace(match, serializeArrayParam(name, value2, { style, explode }));
      continue;
    }
    if (typeof value2 === "object") {
      nextURL = nextURL.replace(match, serializeObjectParam(name, value2, { style, explode }));
      continue;
    }
    if (style === "matrix") {
      nextURL = nextURL.replace(match, `;${serializePrimitiveParam(name, value2)}`);
      continue;
    }
    nextURL = nextURL.replace(match, style === "label" ? `.${encodeURIComponent(value2)}` : encodeURIComponent(value2));
  }
  return nextURL;
}
function defaultBodySerializer(body, headers) {
  if (body instanceof FormData) {
    return body;
  }
  if (headers) {
    const contentType = headers.get instanceof Function ? headers.get("Content-Type") ?? headers.get("content-type") : headers["Content-Type"] ?? headers["content-type"];
    if (contentType === "application/x-www-form-urlencoded") {
      return new URLSearchParams(body).toString();
    }
  }
  return JSON.stringify(body);
}
function createFinalURL(pathname, options) {
  let finalURL = `${options.baseUrl}${pathname}`;
  if (options.params?.path) {
    finalURL = options.pathSerializer(finalURL, options.params.path);
  }
  let search = options.querySerializer(options.params.query ?? {});
  if (search.startsWith("?")) {
    search = search.substring(1);
  }
  if (search) {
    finalURL += `?${search}`;
  }
  return finalURL;
}
function mergeHeaders(...allHeaders) {
  const finalHeaders = new Headers();
  for (const h of allHeaders) {
    if (!h || typeof h !== "object") {
      continue;
    }
    const iterator = h instanceof Headers ? h.entries() : Object.entries(h);
    for (const [k, v] of iterator) {
      if (v === null) {
        finalHeaders.delete(k);
      } else if (Array.isArray(v)) {
        for (const v2 of v) {
          finalHeaders.append(k, v2);
        }
      } else if (v !== void 0) {
        finalHeaders.set(k, v);
      }
    }
  }
  return finalHeaders;
}
function removeTrailingSlash(url) {
  if (url.endsWith("/")) {
    return url.substring(0, url.length - 1);
  }
  return url;
}

// src/error.ts
var ApiError = class extends Error {
  /** The HTTP status; 0 where no whole response came. */
  status;
  /** The stable code, see docs/errors.md; `network` without a response, `unknown` if the response is not ours. */
  code;
  /** The field of the request to fix, such as `results[0].tiktok.privacy_level`. */
  field;
  /** When to try again, in seconds. */
  retryAfter;
  constructor(status, body) {
    super(body?.message ?? (status ? `The server returned an error (${status}). Try again.` : "The server did not respond. Check your connection and try again."));
    this.name = "ApiError";
    this.status = status;
    this.code = body?.code ?? (status ? "unknown" : "network");
    this.field = body?.field;
    this.retryAfter = body?.retryAfter;
  }
  /** Whether the request may have taken effect: its response was lost, or the server failed. */
  get outcomeUnknown() {
    return this.status === 0 || this.status >= 500;
  }
};

// src/api.ts
var TIMEOUT_MS = 3e4;
function typedFetch({ baseUrl = "/api", token, fetch: own }) {
  const send = own ?? ((request) => globalThis.fetch(request));
  const origin = globalThis.location?.origin;
  return createClient({
    // A Request of Node has no page that a path could belong to.
    baseUrl: origin ? new URL(baseUrl, origin).href : baseUrl,
    cache: "no-store",
    credentials: "same-origin",
    fetch: async (request) => {
      const again = request.clone();
      const response = await attempt(request, await token({ expired: false }));
      if (response.status !== 401) return checked(response);
      return checked(await attempt(again, await token({ expired: true })));
    }
  });
  async function attempt(request, bearer) {
    const headers = new Headers(request.headers);
    headers.set("Authorization", `Bearer ${bearer}`);
    const signal = AbortSignal.any([request.signal, AbortSignal.timeout(TIMEOUT_MS)]);
    try {
      const response = await send(new Request(request, { headers, signal }));
      const body = await response.text();
      return new Response(body || null, response);
    } catch (cause) {
      request.signal.throwIfAborted();
      throw Object.assign(new ApiError(0), { cause });
    }
  }
}
async function checked(response) {
  if (response.ok) return response;
  const body = await response.json().catch(() => null);
  throw new ApiError(response.status, body?.error);
}

// src/connect.ts
var NAME = "social-connect";
var LIMIT_MS = 10 * 6e4;
function onConnectOutcome(listener) {
  const channel = new BroadcastChannel(NAME);
  let last = "";
  const take = (data) => {
    const { type, visit = "", ...rest } = data ?? {};
    if (type !== NAME || rest.social !== "connected" && rest.social !== "error") return;
    if (visit && visit === last) return;
    last = visit;
    listener({ social: rest.social, platform: rest.platform ?? null, reason: rest.reason ?? null, leftOut: rest.leftOut ?? null });
  };
  const onMessage = (event) => event.origin === location.origin && take(event.data);
  channel.addEventListener("message", (event) => take(event.data));
  window.addEventListener("message", onMessage);
  return () => {
    channel.close();
    window.removeEventListener("message", onMessage);
  };
}
function landing() {
  const query = new URLSearchParams(location.search);
  const social = query.get("social");
  if (social !== "connected" && social !== "error") return null;
  const outcome = {
    social,
    platform: query.get("platform"),
    reason: query.get("reason"),
    leftOut: query.get("left_out")
  };
  const message = { type: NAME, visit: crypto.randomUUID(), ...outcome };
  const popup = Boolean(window.opener) || window.name === NAME;
  if (window.opener) window.opener.postMessage(message, location.origin);
  const channel = new BroadcastChannel(NAME);
  channel.postMessage(message);
  channel.close();
  if (popup) window.close();
  else history.replaceState(null, "", location.pathname + location.hash);
  return { ...outcome, popup };
}
function connectInPopup(platform, begin, { signal, onClosed } = {}) {
  const failed = (reason) => ({ social: "error", platform, reason, leftOut: null });
  signal?.throwIfAborted();
  const popup = window.open("", NAME, "popup,width=520,height=720");
  if (!popup) return Promise.resolve(failed("popup_blocked"));
  popup.focus();
  return new Promise((resolve, reject) => {
    const stopListening = onConnectOutcome((outcome) => {
      if (outcome.platform === platform) end(() => resolve(outcome));
    });
    const limit = setTimeout(() => end(() => resolve(failed("no_response"))), LIMIT_MS);
    const watch2 = setInterval(() => {
      if (!popup.closed) return;
      clearInterval(watch2);
      onClosed?.();
    }, 500);
    const abort = () => end(() => reject(signal?.reason));
    signal?.addEventListener("abort", abort, { once: true });
    function end(settle) {
      stopListening();
      clearTimeout(limit);
      clearInterval(watch2);
      signal?.removeEventListener("abort", abort);
      popup?.close();
      settle();
    }
    begin().then(
      (url) => {
        popup.location.href = url;
      },
      (error) => end(() => error instanceof ApiError ? resolve(failed(error.code)) : reject(error))
    );
  });
}

// src/watch.ts
var BUSY_MS = 1e3;
var WAITING_MS = 15e3;
var SETTLED = /* @__PURE__ */ new Set(["published", "partial", "failed", "cancelled", "expired"]);
function moves({ state, dueAt }) {
  return state === "publishing" || state === "processing" || dueAt != null && Date.parse(dueAt) < Date.now() + WAITING_MS;
}
function uploadProgress({ bytesSent, bytesTotal }) {
  if (typeof bytesSent !== "number" || typeof bytesTotal !== "number" || bytesTotal <= 0) return void 0;
  return Math.min(1, bytesSent / bytesTotal);
}
async function* watch(get, signal) {
  let seen = "";
  for (; ; ) {
    signal?.throwIfAborted();
    const post = await get().catch((error) => {
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
function pause(ms, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(due, ms);
    function due() {
      if (globalThis.document?.hidden) return document.addEventListener("visibilitychange", end, { once: true });
      end();
    }
    function end() {
      signal?.removeEventListener("abort", stop);
      resolve();
    }
    function stop() {
      clearTimeout(timer);
      globalThis.document?.removeEventListener("visibilitychange", end);
      reject(signal?.reason);
    }
    signal?.addEventListener("abort", stop, { once: true });
  });
}

// src/index.ts
var SocialPublisher = class {
  /** Every endpoint: `api.GET('/social-posts/{id}', { params: { path: { id } } })`. Throws `ApiError`. */
  api;
  constructor(options) {
    this.api = typedFetch(options);
  }
  /**
   * Connects an account in a popup. Call it first thing in a click. It resolves for every outcome, also
   * `popup_blocked`: offer {@link connectByRedirect} then.
   */
  connect(platform, { accountId, returnTo, ...attempt } = {}) {
    return connectInPopup(platform, () => this.authUrl(platform, { accountId, returnTo }), attempt);
  }
  /** Connects an account on the whole page, where popups do not work. `landing()` has the outcome at `returnTo`. */
  async connectByRedirect(platform, options = {}) {
    location.assign(await this.authUrl(platform, options));
  }
  async authUrl(platform, options) {
    const query = { platform, ...given(options) };
    const { authUrl } = value(await this.api.POST("/social-accounts-connect", { params: { query } }));
    if (!/^https?:$/.test(new URL(authUrl).protocol)) throw new TypeError("authUrl is not a web address");
    return authUrl;
  }
  /** Returns all accounts, disconnected ones too. */
  async listAccounts() {
    const accounts = [];
    let cursor;
    do {
      const query = given({ limit: 100, cursor: cursor ?? void 0 });
      const page = value(await this.api.GET("/social-accounts", { params: { query } }));
      accounts.push(...page.accounts);
      cursor = page.nextCursor;
    } while (cursor);
    return accounts;
  }
  /** Disconnects an account. Safe to repeat. */
  async disconnect(id) {
    await this.api.DELETE("/social-accounts/{id}", { params: { path: { id } } });
  }
  /** Returns what the account's owner may choose from now. Each call queries the platform. */
  async postingOptions(id) {
    return value(await this.api.GET("/social-accounts/{id}/posting-options", { params: { path: { id } } }));
  }
  /** Returns a page of posts, newest first. */
  async listPosts(query = {}) {
    return value(await this.api.GET("/social-posts", { params: { query } }));
  }
  /** Returns a post. */
  async getPost(id) {
    return value(await this.api.GET("/social-posts/{id}", { params: { path: { id } } }));
  }
  /** Creates a post. With the same key and body, a repeated call returns the same post. */
  async createPost(body, idempotencyKey) {
    return value(await this.api.POST("/social-posts", { body, params: { header: { "Idempotency-Key": idempotencyKey } } }));
  }
  /** Returns everything that would stop a post, and what its owner may want to know. Creates nothing. */
  async validatePost(body, { signal } = {}) {
    return value(await this.api.POST("/social-posts/validate", { body, ...signal && { signal } }));
  }
  /** Changes a post that has not begun. `changes.version` is the one that you read. */
  async editPost(id, changes) {
    return value(await this.api.PATCH("/social-posts/{id}", { body: changes, params: { path: { id } } }));
  }
  /** Cancels every result that has not passed the point of no return. */
  async cancelPost(id) {
    return value(await this.api.POST("/social-posts/{id}/cancel", { params: { path: { id } } }));
  }
  /** Restarts every failed or expired result. */
  async retryPost(id) {
    return value(await this.api.POST("/social-posts/{id}/retry", { params: { path: { id } } }));
  }
  /** Resolves a result in doubt by what its owner saw on the account. */
  async resolveResult(id, resolution) {
    return value(await this.api.POST("/social-posts/{id}/resolve", { body: resolution, params: { path: { id } } }));
  }
  /** Returns the attempt log of a post, oldest first. */
  async attempts(id) {
    return value(await this.api.GET("/social-posts/{id}/attempts", { params: { path: { id } } })).attempts;
  }
  /** Yields a post now and after each change, until nothing more happens by itself. */
  watch(id, { signal } = {}) {
    return watch(() => this.getPost(id), signal);
  }
};
function value({ data }) {
  if (data === void 0) throw new TypeError("the response has no body");
  return data;
}
function given(values) {
  return Object.fromEntries(Object.entries(values).filter(([, value2]) => value2 !== void 0));
}
export {
  ApiError,
  SocialPublisher,
  landing,
  onConnectOutcome,
  uploadProgress
};
