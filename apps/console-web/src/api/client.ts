import { noteAnswer, noteRefusal, session } from '../session/session.js';

/** An answer of the console that is no success: an RFC 9457 problem document, or what there is of it. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly detail: string,
    readonly document: Readonly<Record<string, unknown>> = {},
  ) {
    super(detail);
  }

  /** A member of the document that is a text. */
  text(name: string): string | undefined {
    const value = this.document[name];
    return typeof value === 'string' ? value : undefined;
  }

  /** The invalid fields, where it names some. */
  get errors(): readonly { field: string; message: string }[] {
    const { errors } = this.document;
    if (!Array.isArray(errors)) return [];
    return errors.flatMap((it: unknown) => {
      if (typeof it !== 'object' || it === null) return [];
      const { field, message } = it as Record<string, unknown>;
      return typeof field === 'string' && typeof message === 'string' ? [{ field, message }] : [];
    });
  }
}

/** The console cannot be reached: no answer came. */
export class Unreachable extends Error {}

type Query = Readonly<Record<string, string | number | undefined>>;

export function withQuery(path: string, query: Query): string {
  const set = Object.entries(query).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [[name, String(value)]],
  );
  return set.length === 0 ? path : `${path}?${new URLSearchParams(set).toString()}`;
}

interface Asked extends RequestInit {
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sent by these pages only: another origin cannot add it without asking first. */
export const OWN = { 'x-console': '1' };

const UNAUTHENTICATED = 401;

/** @throws Problem, Unreachable */
export async function ask<T>(path: string, init: Asked = {}): Promise<T> {
  const asked = session.get();
  let answer: Response;
  try {
    answer = await fetch(path, { ...init, headers: { accept: 'application/json', ...init.headers } });
  } catch (error) {
    if (init.signal?.aborted === true) throw error;
    throw new Unreachable('The console does not answer.', { cause: error });
  }
  const text = await answer.text();
  const body = parsed(text);
  if (answer.ok) {
    noteAnswer();
    return body as T;
  }
  if (answer.status === UNAUTHENTICATED) noteRefusal(asked);
  const document = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
  const words = [document['detail'], document['title']].find((it) => typeof it === 'string');
  throw new Problem(answer.status, words ?? `The console answers ${answer.status}.`, document);
}

function parsed(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    // A proxy answers with a page of its own: the status says what there is to say.
    return undefined;
  }
}

/** @throws Problem, Unreachable */
export const post = async <T>(path: string, json?: unknown, headers: Record<string, string> = {}): Promise<T> =>
  ask<T>(path, {
    method: 'POST',
    headers: { ...OWN, ...(json === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(json === undefined ? {} : { body: JSON.stringify(json) }),
  });
