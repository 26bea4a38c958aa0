export interface Answer<Body = Record<string, unknown>> {
  readonly status: number;
  readonly type: string;
  readonly headers: Headers;
  readonly body: Body;
}

export interface Call {
  readonly method?: 'GET' | 'POST' | 'PUT';
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it is. */
  readonly raw?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One HTTP call; whatever the status, it is an answer. */
export async function call<Body = Record<string, unknown>>(
  url: string,
  { method, json, raw, headers }: Call = {},
): Promise<Answer<Body>> {
  const body = raw ?? (json === undefined ? undefined : JSON.stringify(json));
  const response = await fetch(url, {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body }),
    // Nothing here may hang: the longest promise is that a 503 comes within fifteen seconds.
    signal: AbortSignal.timeout(30_000),
  });
  const type = response.headers.get('content-type') ?? '';
  const text = await response.text();
  const parsed: unknown = type.includes('json') ? JSON.parse(text) : text;
  return { status: response.status, type, headers: response.headers, body: parsed as Body };
}

/** As {@link call}, for answers that must be a success. @throws Error with the problem otherwise */
export async function demand<Body>(url: string, what: Call = {}): Promise<Body> {
  const answer = await call<Body>(url, what);
  if (answer.status >= 200 && answer.status < 300) return answer.body;
  throw new Error(`${what.method ?? ''} ${url} answers ${answer.status}: ${JSON.stringify(answer.body)}`);
}

/** Everything on a list, page after page. */
export async function every<Item>(url: string): Promise<Item[]> {
  const items: Item[] = [];
  const page = new URL(url);
  page.searchParams.set('limit', '100');
  for (;;) {
    const { items: more, next } = await demand<{ items: Item[]; next: string | null }>(page.href);
    items.push(...more);
    if (next === null) return items;
    page.searchParams.set('after', next);
  }
}
