import type { Service } from '@orderflow/contracts';
import { Problem, ServiceUnavailable } from '@orderflow/http';
import { propagationHeaders } from '@orderflow/telemetry';
import { bearer } from '../../domain/acting.js';

// A page of 100 is read within milliseconds: a service that takes longer hangs, and the others' letters are wanted.
const READ_TIMEOUT_MS = 3_000;
// A dry run executes up to 500 queues; an action commits one transaction.
const ACT_TIMEOUT_MS = 60_000;
const PAGE = 100;

export interface Listed<Item> {
  readonly items: readonly Item[];
  /** Whether there are more than were asked for. */
  readonly more: boolean;
}

/** The routes `/dead-letters` of the four services. */
export class ServiceRoutes {
  /**
   * @param urls base URL of each service, without a trailing slash
   * @param token with which they are called; none where AUTH is off
   */
  constructor(
    private readonly urls: Readonly<Record<Service, string>>,
    private readonly token?: string,
  ) {}

  /** The same routes, called with another token. */
  as(token: string | undefined): ServiceRoutes {
    return new ServiceRoutes(this.urls, token);
  }

  /** @throws Problem as the service answers, ServiceUnavailable where it does not */
  get<T>(service: Service, path: string): Promise<T> {
    return this.ask<T>(service, path, { signal: AbortSignal.timeout(READ_TIMEOUT_MS) });
  }

  /** @throws as {@link get} */
  post<T>(service: Service, path: string, operator: string, body?: object): Promise<T> {
    return this.ask<T>(service, path, {
      method: 'POST',
      headers: { 'x-operator': operator, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(ACT_TIMEOUT_MS),
    });
  }

  /** The first items of a list, page after page. @throws as {@link get} */
  async list<Item>(service: Service, path: string, query: Record<string, string>, most: number): Promise<Listed<Item>> {
    const items: Item[] = [];
    for (let after: string | null | undefined; after !== null && items.length < most;) {
      const limit = String(Math.min(PAGE, most - items.length));
      const search = new URLSearchParams({ ...query, limit, ...(after !== undefined && { after }) });
      const page: { items: Item[]; next: string | null } = await this.get(service, `${path}?${search.toString()}`);
      items.push(...page.items);
      after = page.next;
      if (after === null) return { items, more: false };
    }
    return { items, more: true };
  }

  private async ask<T>(service: Service, path: string, { headers, ...init }: RequestInit): Promise<T> {
    const url = `${this.urls[service]}/dead-letters${path}`;
    const sent = {
      ...propagationHeaders(),
      ...bearer(this.token),
      accept: 'application/json',
      ...(headers as Record<string, string>),
    };
    const unanswered = (cause: unknown): never => {
      throw new ServiceUnavailable(cause, `${service} does not answer.`);
    };
    const answer = await fetch(url, { ...init, headers: sent }).catch(unanswered);
    const body: unknown = await answer.json().catch(unanswered);
    if (answer.ok) return body as T;
    throw problemFrom(service, answer.status, body as Record<string, unknown>);
  }
}

/** The refusal of a service in its own words, with its members. */
function problemFrom(service: Service, status: number, document: Record<string, unknown>): Problem {
  const { type, title: _, status: __, detail, instance: ___, errors: ____, ...members } = document;
  const kind = typeof type === 'string' ? type.replace('urn:orderflow:problem:', '') : 'bad-gateway';
  const words = typeof detail === 'string' ? detail : `${service} answers ${status}.`;
  if (status >= 500) return new ServiceUnavailable(undefined, `${service} answers ${status}: ${words}`);
  return new Problem(status, kind, words, { members });
}
