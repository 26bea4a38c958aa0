import { Problem, ServiceUnavailable } from '@orderflow/http';
import { propagationHeaders } from '@orderflow/telemetry';
import { bearer } from '../domain/acting.js';

const TIMEOUT_MS = 10_000;

interface Sent {
  readonly json?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Of the one who asks for it; none where AUTH is off. */
  readonly token: string | undefined;
}

/**
 * Asks another service, with JSON in both directions.
 * @throws Problem with the answer of the other service, ServiceUnavailable where it gives none within 10 s
 */
export async function ask<T>(url: string, method: string, { json, headers, token }: Sent): Promise<T> {
  const answer = await fetch(url, {
    method,
    headers: {
      ...propagationHeaders(),
      ...headers,
      ...bearer(token),
      ...(json !== undefined && { 'content-type': 'application/json' }),
    },
    ...(json !== undefined && { body: JSON.stringify(json) }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch((cause: unknown) => {
    throw new ServiceUnavailable(cause, `${new URL(url).host} does not answer.`);
  });
  if (answer.ok) return (await answer.json()) as T;
  const { pathname } = new URL(url);
  throw new Problem(
    502,
    'bad-gateway',
    `${method} ${pathname} answers ${answer.status}: ${wordsOf(await answer.text())}`,
  );
}

/** Of a problem document its `detail`, of anything else the whole. */
function wordsOf(text: string): string {
  const found = /"detail":("(?:[^"\\]|\\.)*")/.exec(text)?.[1];
  return found === undefined ? text : (JSON.parse(found) as string);
}
