import { reasonOf } from '@orderflow/local';

/** An answer other than 2xx. */
export class Refused extends Error {
  override name = 'Refused';

  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/**
 * Sends JSON and returns the JSON of the answer.
 * @throws Refused for an answer other than 2xx, Error when nobody answers within 10 s
 */
export async function ask<T>(
  method: 'GET' | 'POST' | 'PUT',
  url: string,
  body?: object,
  headers: Readonly<Record<string, string>> = {},
): Promise<T> {
  const answer = await fetch(url, {
    method,
    headers: { ...headers, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(10_000),
  }).catch((error: unknown) => {
    throw new Error(`${method} ${url}: ${reasonOf(error)}`);
  });
  const text = await answer.text();
  if (answer.ok) return (text === '' ? undefined : JSON.parse(text)) as T;
  throw new Refused(answer.status, `${method} ${url} answers ${answer.status} ${text}`);
}
