/** Longer than the longest promise of the services, which is a 503 within 15 s. */
const TIMEOUT_MS = 30_000;
const LARGEST_PAGE = 100;

export interface HttpRequest {
  /** GET without a body, POST with one, when left out. */
  readonly method?: 'GET' | 'POST' | 'PUT';
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it is. */
  readonly raw?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** A bearer token; undefined for none. */
  readonly token?: string | undefined;
}

/** An HTTP response of any status, its body read. */
export interface Answer<Body = Record<string, unknown>> {
  readonly status: number;
  /** The content type. */
  readonly type: string;
  readonly headers: Headers;
  /** Parsed where the content type is JSON, else text. */
  readonly body: Body;
}

/** One page of a list. */
export interface Page<Item> {
  readonly items: readonly Item[];
  /** The `after` of the next page; null on the last one. */
  readonly next: string | null;
}

/** A response other than 2xx; the message names method, URL, status and body. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  constructor(
    message: string,
    readonly status: number,
  ) {
    super(message);
  }
}

const verbOf = ({ method, raw, json }: HttpRequest): string =>
  method ?? (raw === undefined && json === undefined ? 'GET' : 'POST');

/** One HTTP request. @throws Error that names the URL when there is no response within 30 s */
export async function request<Body = Record<string, unknown>>(
  url: string,
  what: HttpRequest = {},
): Promise<Answer<Body>> {
  const verb = verbOf(what);
  const body = what.raw ?? (what.json === undefined ? undefined : JSON.stringify(what.json));
  try {
    const response = await fetch(url, {
      method: verb,
      headers: {
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(what.token !== undefined && { authorization: `Bearer ${what.token}` }),
        ...what.headers,
      },
      ...(body !== undefined && { body }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const type = response.headers.get('content-type') ?? '';
    const text = await response.text();
    const parsed: unknown = type.includes('json') ? JSON.parse(text) : text;
    return { status: response.status, type, headers: response.headers, body: parsed as Body };
  } catch (error) {
    throw new Error(`${verb} ${url}: ${reasonOf(error)}`);
  }
}

/** As {@link request}, for responses that must be 2xx. @returns the body @throws HttpError for any other */
export async function demand<Body>(url: string, what: HttpRequest = {}): Promise<Body> {
  const { status, body } = await request<Body>(url, what);
  if (status >= 200 && status < 300) return body;
  throw new HttpError(`${verbOf(what)} ${url} answers ${status}: ${JSON.stringify(body)}`, status);
}

/** The items of a list, page after page, `limit` of them at most. @throws HttpError, Error as {@link request} */
export async function everyItem<Item>(
  url: string,
  limit = Infinity,
  what: Pick<HttpRequest, 'token'> = {},
): Promise<Item[]> {
  const items: Item[] = [];
  const page = new URL(url);
  for (let next: string | null = ''; next !== null && items.length < limit;) {
    page.searchParams.set('limit', String(Math.min(LARGEST_PAGE, limit - items.length)));
    if (next !== '') page.searchParams.set('after', next);
    const { items: more, next: after }: Page<Item> = await demand(page.href, what);
    items.push(...more);
    next = after;
  }
  return items;
}

/** `fetch failed` names no reason: it is in the cause, whose message is empty for a refused connection. */
function reasonOf(error: unknown): string {
  const { cause, message } = error as Error;
  const { code, message: inner } = (cause ?? {}) as { code?: string; message?: string };
  return inner || code || message;
}
