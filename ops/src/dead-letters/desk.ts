import { setTimeout as pause } from 'node:timers/promises';
import { demand, HttpError } from '@orderflow/client';
import { type Service, services as SERVICES } from '@orderflow/contracts';
import { SetupError } from '@orderflow/local';

const PAGE = 100;
// Somebody looks every half second, and one attempt takes milliseconds.
const TRIED_WITHIN_MS = 5_000;

/** One letter of one service. */
export interface Address {
  readonly service: Service;
  readonly id: string;
}

export interface Letter extends Address {
  readonly state: string;
  readonly consumer: string;
  readonly orderId: string;
  readonly type: string | null;
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly reason: string;
  readonly attempts: number;
  readonly parkedAt: string;
  readonly nextAttemptAt: string | null;
}

export interface Action {
  readonly service: Service;
  readonly parkedId: string;
  readonly action: string;
  readonly at: string;
  readonly operator: string;
  readonly reason: string | null;
  readonly orderId: string;
}

export interface Opened extends Letter {
  readonly event: Record<string, unknown> | null;
  readonly undecodable: string | null;
  readonly headers: Record<string, string>;
  readonly value: string | null;
  readonly failures: readonly { readonly at: string; readonly reason: string }[];
  readonly waitsFor: string | null;
  readonly behind: { readonly count: number; readonly items: readonly Omit<Letter, 'service'>[] };
  readonly actions: readonly Omit<Action, 'service'>[];
}

interface Tried {
  readonly id: string;
  readonly orderId: string;
  readonly type: string | null;
  readonly outcome: string;
  readonly reason: string | null;
  readonly says: readonly string[];
  readonly calls: readonly string[];
}

export interface DryRunResult extends Tried {
  readonly behind: readonly Tried[];
}

/** What one service says to a retry of many. */
export interface Many<Item> {
  readonly service: Service;
  readonly items: readonly Item[];
  readonly more: boolean;
}

interface Page<Item> {
  readonly items: readonly Item[];
  readonly next: string | null;
}

/** @throws SetupError when there is no such service */
export function servicesOf(name: string | undefined): readonly Service[] {
  if (name === undefined) return SERVICES;
  const service = SERVICES.find((known) => known === name);
  if (service === undefined) throw new SetupError(`There is no service ${name}: name any of ${SERVICES.join(', ')}.`);
  return [service];
}

/** `inventory/12`, or `12` beside `--service inventory`. @throws SetupError when it is neither */
export function addressOf(letter: string | undefined, service: string | undefined): Address {
  const [, named = service, id] = /^(?:([a-z]+)\/)?(\d+)$/.exec(letter ?? '') ?? [];
  if (named === undefined || id === undefined)
    throw new SetupError(
      `Name the letter as list does, like inventory/12${letter === undefined ? '' : `, not ${letter}`}.`,
    );
  return { service: servicesOf(named)[0]!, id };
}

/** The letters of some services, over HTTP. Each call throws HttpError, or an Error when nobody answers. */
export class Desk {
  private readonly urls: Readonly<Record<Service, string>>;
  private readonly services: readonly Service[];
  private readonly operator: string;

  constructor(urls: Readonly<Record<Service, string>>, services: readonly Service[], operator: string) {
    this.urls = urls;
    this.services = services;
    this.operator = operator;
  }

  /** The oldest ones of each service, up to a limit for each. */
  async list(filter: Record<string, string | number>, limit: number): Promise<Letter[]> {
    return this.everywhere(async (service) => {
      const query = new URLSearchParams();
      for (const [name, value] of Object.entries(filter)) query.set(name, String(value));
      return this.pages<Letter>(service, '', query, limit);
    });
  }

  /** What people did, the latest first. */
  async log(limit: number): Promise<Action[]> {
    const actions = await this.everywhere((service) =>
      this.pages<Action>(service, '/actions', new URLSearchParams(), limit),
    );
    return actions.toSorted((a, b) => b.at.localeCompare(a.at)).slice(0, limit);
  }

  async show({ service, id }: Address): Promise<Opened> {
    return { ...(await this.call<Opened>('GET', service, `/${id}`)), service };
  }

  async retry({ service, id }: Address): Promise<Letter> {
    return this.call('POST', service, `/${id}/retry`);
  }

  async dryRun({ service, id }: Address): Promise<DryRunResult> {
    return this.call('POST', service, `/${id}/retry`, { dryRun: true });
  }

  async retryAll(selection: object): Promise<Many<Letter>[]> {
    return this.many<Letter>({ ...selection, dryRun: false });
  }

  async rehearseAll(selection: object): Promise<Many<DryRunResult & { service: Service }>[]> {
    return this.many<DryRunResult & { service: Service }>({ ...selection, dryRun: true });
  }

  async discard({ service, id }: Address, reason: string): Promise<Letter> {
    return this.call('POST', service, `/${id}/discard`, { reason });
  }

  /** What came of a retry, in words. */
  async whatBecameOf(address: Address): Promise<string> {
    const until = Date.now() + TRIED_WITHIN_MS;
    while (Date.now() < until) {
      await pause(100);
      const letter = await this.show(address).catch(goneOrThrow);
      if (letter === undefined) return 'Handled. What was behind it follows.';
      if (letter.state === 'discarded') return 'Somebody discarded it meanwhile.';
      if (letter.attempts > 0) return `It failed again, and is tried on by itself: ${letter.reason}`;
    }
    return 'It is due, and nobody has tried it yet: look again with show.';
  }

  private async many<Item>(body: object): Promise<Many<Item>[]> {
    return this.everywhere(async (service) => {
      const answer = await this.call<Many<Item>>('POST', service, '/retry', body);
      return [{ ...answer, service, items: answer.items.map((item) => ({ service, ...item })) }];
    });
  }

  private async everywhere<T>(work: (service: Service) => Promise<readonly T[]>): Promise<T[]> {
    return (await Promise.all(this.services.map(work))).flat();
  }

  private async pages<Item>(service: Service, path: string, query: URLSearchParams, limit: number): Promise<Item[]> {
    const items: Item[] = [];
    for (let next: string | null = ''; next !== null && items.length < limit;) {
      query.set('limit', String(Math.min(PAGE, limit - items.length)));
      if (next !== '') query.set('after', next);
      const page: Page<Item> = await this.call('GET', service, `${path}?${query.toString()}`);
      items.push(...page.items.map((item) => ({ service, ...item })));
      next = page.next;
    }
    return items;
  }

  private call<T>(method: 'GET' | 'POST', service: Service, path: string, body?: object): Promise<T> {
    const url = `${this.urls[service]}/dead-letters${path}`;
    return demand<T>(url, { method, json: body, headers: { 'x-operator': this.operator } });
  }
}

function goneOrThrow(error: unknown): undefined {
  if (error instanceof HttpError && error.status === 404) return undefined;
  throw error;
}
