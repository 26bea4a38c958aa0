import {
  type Letter,
  type LetterActions,
  type LetterAddress,
  type LetterDryRun,
  type LetterKind,
  type LetterOutcome,
  type LetterOverview,
  MOST_LETTERS,
  type OpenedLetter,
} from '@orderflow/console-api';
import { type Service, services } from '@orderflow/contracts';
import type {
  ActionItem,
  CallActionItem,
  CallItem,
  ExpiredItem,
  OpenedAnswer,
  OpenedCallAnswer,
  ParkedItem,
} from '@orderflow/dead-letters';
import { Problem } from '@orderflow/http';
import type { Acting } from '../../domain/acting.js';
import { type Deed, dryRunOf, latestFirst, outcomeOf } from '../../domain/letters/actions.js';
import type { Letters } from '../../domain/letters/letters.js';
import { overviewOf, type ServiceLetters } from '../../domain/letters/overview.js';
import { SharedAnswer } from '../shared-answer.js';
import { actOn } from './act.js';
import { openedCallOf, openedEventOf, openedRangeOf } from './opened.js';
import type { Listed, ServiceRoutes } from './service-routes.js';
import { actionOnCall, actionOnEvent, actionOnRange, letterOfCall, letterOfEvent, letterOfRange } from './shapes.js';
import { afterOf, stillAsSeen, tried } from './selection.js';

/** Every open page asks every few seconds: they share an answer of this age. */
const FRESH_MS = 1_000;
const MOST_ACTIONS = 100;

/** The letters of the four services, through their routes `/dead-letters`. Each list is read up to a bound. */
export class LettersOfServices implements Letters {
  private readonly all = new SharedAnswer(() => this.read({}), FRESH_MS);

  /** @param routes with the console's own token */
  constructor(private readonly routes: ServiceRoutes) {}

  overview(orderId?: string): Promise<LetterOverview> {
    return orderId === undefined ? this.all.get() : this.read({ orderId });
  }

  async open(service: Service, kind: LetterKind, id: string, token?: string): Promise<OpenedLetter> {
    const routes = this.routes.as(token);
    switch (kind) {
      case 'event':
        return openedEventOf(service, await routes.get<OpenedAnswer>(service, `/${encodeURIComponent(id)}`));
      case 'call':
        return openedCallOf(service, await routes.get<OpenedCallAnswer>(service, `/calls/${encodeURIComponent(id)}`));
      case 'range':
        return openedRangeOf(service, await this.range(routes, service, id));
    }
  }

  stillAsSeen(seen: readonly LetterAddress[], token?: string): Promise<LetterAddress[]> {
    return stillAsSeen(this.routes.as(token), seen);
  }

  async dryRun(letters: readonly LetterAddress[], token?: string): Promise<LetterDryRun> {
    return dryRunOf(letters.length, await tried(this.routes.as(token), letters));
  }

  async act(deed: Deed, letters: readonly LetterAddress[], { operator, token }: Acting): Promise<LetterOutcome> {
    const outcome = outcomeOf(await actOn(this.routes.as(token), deed, letters, operator));
    // What the next page asks is to be seen on it.
    this.all.forget();
    return outcome;
  }

  async actions(): Promise<LetterActions> {
    const read = await Promise.allSettled(services.map((service) => this.actionsAt(service)));
    const items = read.flatMap((it) => (it.status === 'fulfilled' ? it.value : []));
    const refused = services.filter((_, index) => read[index]?.status === 'rejected');
    return { items: latestFirst(items).slice(0, MOST_ACTIONS), refused };
  }

  private async read(by: { orderId?: string }): Promise<LetterOverview> {
    const readAt = new Date();
    return overviewOf(await Promise.all(services.map((service) => this.lettersAt(service, by))), readAt);
  }

  private async lettersAt(service: Service, by: { orderId?: string }): Promise<ServiceLetters> {
    try {
      const [events, calls, ranges] = await Promise.all([
        this.urgentFirst<ParkedItem>(service, '', by, ['dead'], ({ id }) => id),
        this.urgentFirst<CallItem>(service, '/calls', by, ['dead', 'waiting'], ({ key }) => key),
        by.orderId === undefined ? this.unreadRanges(service) : { items: [], more: false },
      ]);
      const letters: Letter[] = [
        ...events.items.map((item) => letterOfEvent(service, item)),
        ...calls.items.map((item) => letterOfCall(service, item)),
        ...ranges.items.map((item) => letterOfRange(service, item)),
      ];
      return { service, letters, more: events.more || calls.more || ranges.more, refusal: null };
    } catch (error) {
      // The letters of the other services are shown all the same, with why these are not.
      if (error instanceof Problem) return { service, letters: [], more: false, refusal: error.detail };
      throw error;
    }
  }

  /** The first of a list; where it has more, those in the states that wait for a person are read too. */
  private async urgentFirst<Item>(
    service: Service,
    path: string,
    by: { orderId?: string },
    states: readonly string[],
    idOf: (item: Item) => string,
  ): Promise<Listed<Item>> {
    const first = await this.routes.list<Item>(service, path, by, MOST_LETTERS);
    if (!first.more) return first;
    const urgent = await Promise.all(
      states.map((state) => this.routes.list<Item>(service, path, { ...by, state }, MOST_LETTERS)),
    );
    const all = [...first.items, ...urgent.flatMap(({ items }) => items)];
    return { items: [...new Map(all.map((item) => [idOf(item), item])).values()], more: true };
  }

  private unreadRanges(service: Service): Promise<Listed<ExpiredItem>> {
    return this.routes.list<ExpiredItem>(service, '/expired', { acknowledged: 'false' }, MOST_LETTERS);
  }

  private async range(routes: ServiceRoutes, service: Service, id: string): Promise<ExpiredItem> {
    if (!/^[1-9]\d{0,17}$/.test(id)) throw noRange();
    const { items } = await routes.list<ExpiredItem>(service, '/expired', afterOf(id), 1);
    const [item] = items;
    if (item?.id !== id) throw noRange();
    return item;
  }

  private async actionsAt(service: Service) {
    const [onEvents, onCalls, onRanges] = await Promise.all([
      this.routes.list<ActionItem>(service, '/actions', {}, MOST_ACTIONS),
      this.routes.list<CallActionItem>(service, '/calls/actions', {}, MOST_ACTIONS),
      this.routes.list<ExpiredItem>(service, '/expired', { acknowledged: 'true' }, MOST_ACTIONS),
    ]);
    return [
      ...onEvents.items.map((item) => actionOnEvent(service, item)),
      ...onCalls.items.map((item) => actionOnCall(service, item)),
      ...onRanges.items.map((item) => actionOnRange(service, item)),
    ];
  }
}

const noRange = (): Problem => new Problem(404, 'not-found', 'No range of expired records has this id.');
