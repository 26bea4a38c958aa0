import { setTimeout as pause } from 'node:timers/promises';
import { demand, everyItem, HttpError } from '@orderflow/client';
import { type Service, services as SERVICES } from '@orderflow/contracts';
import type {
  ActionItem,
  CallActionItem,
  CallItem,
  DryRunAnswer,
  ExpiredItem,
  OpenedAnswer,
  OpenedCallAnswer,
  ParkedItem,
} from '@orderflow/dead-letters';
import { SetupError } from '@orderflow/local';

// A service looks for due events every half second, and one attempt takes milliseconds.
const TRIED_WITHIN_MS = 5_000;

/** One parked event of one service: `inventory/12`. */
export interface Address {
  readonly service: Service;
  readonly id: string;
}

/** One external call of one service: `payments/refund-<order>`. */
export interface CallAddress {
  readonly service: Service;
  readonly key: string;
}

export type FailedCall = CallItem & CallAddress;
export type FailedCallDetail = OpenedCallAnswer & CallAddress;
export type CallAction = CallActionItem & Pick<CallAddress, 'service'>;

export type ExpiredRange = ExpiredItem & Address;
export type ParkedEvent = ParkedItem & Address;
export type ParkedEventDetail = OpenedAnswer & Address;
export type OperatorAction = ActionItem & Pick<Address, 'service'>;
export type DryRunResult = DryRunAnswer & Pick<Address, 'service'>;

/** The answer of one service to a retry or discard of a selection. */
export interface Selected<Item> {
  readonly service: Service;
  readonly items: readonly Item[];
  /** Whether more events match than the limit allows. */
  readonly more: boolean;
}

/** @throws SetupError when the service is unknown */
export function servicesOf(name: string | undefined): readonly Service[] {
  if (name === undefined) return SERVICES;
  const service = SERVICES.find((known) => known === name);
  if (service === undefined) throw new SetupError(`Unknown service ${name}. Services: ${SERVICES.join(', ')}.`);
  return [service];
}

/** `inventory/12`, or `12` beside `--service inventory`. @throws SetupError when it is neither */
export function addressOf(text: string | undefined, service: string | undefined): Address {
  const [, named = service, id] = /^(?:([a-z]+)\/)?(\d+)$/.exec(text ?? '') ?? [];
  if (named === undefined || id === undefined)
    throw new SetupError(
      `Name the parked event as list prints it, such as inventory/12${text === undefined ? '' : `, not ${text}`}.`,
    );
  return { service: servicesOf(named)[0]!, id };
}

/** `payments/refund-<order>`; undefined where the text names no call. @throws SetupError when the service is unknown */
export function callAddressOf(text: string | undefined): CallAddress | undefined {
  const [, service, key] = /^([a-z]+)\/([^/\s]*[^/\s\d][^/\s]*)$/.exec(text ?? '') ?? [];
  return service === undefined || key === undefined ? undefined : { service: servicesOf(service)[0]!, key };
}

/** The operator who acts. */
export interface Caller {
  /** The name in the log of actions, where the services have no login; with one they take that of the token. */
  readonly name: string;
  readonly token: string | undefined;
}

/** The dead letter API of some services. Each call throws HttpError, or an Error when a service does not answer. */
export class DeadLetterClient {
  private readonly urls: Readonly<Record<Service, string>>;
  private readonly services: readonly Service[];
  private readonly caller: Caller;

  constructor(urls: Readonly<Record<Service, string>>, services: readonly Service[], caller: Caller) {
    this.urls = urls;
    this.services = services;
    this.caller = caller;
  }

  /** The oldest parked events of each service, up to `limit` of each. */
  async parked(filter: Readonly<Record<string, string | number>>, limit: number): Promise<ParkedEvent[]> {
    const query = new URLSearchParams(
      Object.entries(filter).map(([name, value]): [string, string] => [name, String(value)]),
    );
    return this.everywhere((service) => this.list(service, `?${query.toString()}`, limit));
  }

  /** The actions of operators, the latest first. */
  async log(limit: number): Promise<OperatorAction[]> {
    const actions = await this.everywhere((service) => this.list<OperatorAction>(service, '/actions', limit));
    return actions.toSorted((a, b) => b.at.localeCompare(a.at)).slice(0, limit);
  }

  async show({ service, id }: Address): Promise<ParkedEventDetail> {
    return { ...(await this.call<ParkedEventDetail>('GET', service, `/${id}`)), service };
  }

  async retry({ service, id }: Address): Promise<ParkedEvent> {
    return this.call('POST', service, `/${id}/retry`);
  }

  async dryRun({ service, id }: Address): Promise<DryRunResult> {
    return { ...(await this.call<DryRunResult>('POST', service, `/${id}/retry`, { dryRun: true })), service };
  }

  async retryAll(selection: object): Promise<Selected<ParkedEvent>[]> {
    return this.many({ ...selection, dryRun: false });
  }

  async dryRunAll(selection: object): Promise<Selected<DryRunResult>[]> {
    return this.many({ ...selection, dryRun: true });
  }

  async discard({ service, id }: Address, reason: string): Promise<ParkedEvent> {
    return this.call('POST', service, `/${id}/discard`, { reason });
  }

  /** @param body filter, reason, limit and dryRun of the API */
  async discardAll(body: object): Promise<Selected<ParkedEvent>[]> {
    return this.many(body, '/discard');
  }

  /** The result of a retry, in words. */
  async resultOf(address: Address): Promise<string> {
    const until = Date.now() + TRIED_WITHIN_MS;
    while (Date.now() < until) {
      await pause(100);
      const parked = await this.show(address).catch(goneOrThrow);
      if (parked === undefined) return 'Handled. The events behind it follow.';
      if (parked.state === 'discarded') return 'Another operator discarded it meanwhile.';
      if (parked.attempts > 0) return `Failed again; the service keeps retrying it: ${parked.reason}`;
    }
    return 'Due, but not retried yet: look again with show.';
  }

  /** The calls of each service that fail, up to `limit` of each. */
  async calls(filter: Readonly<Record<string, string>>, limit: number): Promise<FailedCall[]> {
    const query = new URLSearchParams(filter);
    return this.everywhere((service) => this.list<FailedCall>(service, `/calls?${query.toString()}`, limit));
  }

  async showCall({ service, key }: CallAddress): Promise<FailedCallDetail> {
    return { ...(await this.call<FailedCallDetail>('GET', service, `/calls/${encodeURIComponent(key)}`)), service };
  }

  async retryCall({ service, key }: CallAddress): Promise<FailedCall> {
    return this.call('POST', service, `/calls/${encodeURIComponent(key)}/retry`);
  }

  async settleCall({ service, key }: CallAddress, body: object): Promise<FailedCall> {
    return this.call('POST', service, `/calls/${encodeURIComponent(key)}/settle`, body);
  }

  /** The actions of operators on calls, the latest first. */
  async callLog(limit: number): Promise<CallAction[]> {
    const actions = await this.everywhere((service) => this.list<CallAction>(service, '/calls/actions', limit));
    return actions.toSorted((a, b) => b.at.localeCompare(a.at)).slice(0, limit);
  }

  /** The ranges of expired records of each service that no operator has acknowledged, up to `limit` of each. */
  async expired(limit: number): Promise<ExpiredRange[]> {
    return this.everywhere((service) => this.list<ExpiredRange>(service, '/expired?acknowledged=false', limit));
  }

  async acknowledge({ service, id }: Address, reason: string): Promise<ExpiredRange> {
    return this.call('POST', service, `/expired/${id}/acknowledge`, { reason });
  }

  private async many<Item>(body: object, path = '/retry'): Promise<Selected<Item>[]> {
    return this.everywhere(async (service) => {
      const answer = await this.call<Selected<Item>>('POST', service, path, body);
      return [{ ...answer, service, items: answer.items.map((item) => ({ service, ...item })) }];
    });
  }

  private async everywhere<T>(work: (service: Service) => Promise<readonly T[]>): Promise<T[]> {
    return (await Promise.all(this.services.map(work))).flat();
  }

  private async list<Item>(service: Service, path: string, limit: number): Promise<Item[]> {
    const items = await everyItem<Item>(`${this.urls[service]}/dead-letters${path}`, limit, this.caller);
    return items.map((item) => ({ service, ...item }));
  }

  private call<T>(method: 'GET' | 'POST', service: Service, path: string, body?: object): Promise<T> {
    const url = `${this.urls[service]}/dead-letters${path}`;
    const { name, token } = this.caller;
    return demand<T>(url, { method, json: body, token, headers: { 'x-operator': name } });
  }
}

function goneOrThrow(error: unknown): undefined {
  if (error instanceof HttpError && error.status === 404) return undefined;
  throw error;
}
