import { confidentialFieldsOf, type Event } from '@orderflow/contracts';
import { type Connections, type Log, orTransientError, type Sql } from '@orderflow/durable';
import { Problem } from '@orderflow/http';
import { BadRecord, type CloudEvent, type EventCodec, isTransient, toCloudEvent } from '@orderflow/kafka';
import { DryRun, type DryRunGroup, type DryRunResult } from './dry-run.js';
import {
  type OperatorAction,
  type ParkedEvent,
  type ParkedEventDetail,
  type ParkedEventFilter,
  ParkedEvents,
  recordOf,
} from './parked-events.js';

// The queue of an order is far shorter; one of undecodable records with the same key may be long.
const QUEUE_SHOWN = 100;

/** A parked event with everything that an operator may want to know about it. */
export interface OpenedEvent {
  readonly parked: ParkedEventDetail;
  /** The decoded event, or why it cannot be decoded. */
  readonly event: CloudEvent | null;
  readonly undecodable: string | null;
  /** The id of the first event of its queue, when that is another one. */
  readonly waitsFor: string | null;
  readonly behind: { readonly count: number; readonly items: readonly ParkedEvent[] };
  readonly actions: readonly OperatorAction[];
}

/** Parked events to be retried or discarded. */
export interface Selection {
  readonly filter: ParkedEventFilter;
  /** At most this many. */
  readonly limit: number;
}

interface DeadLettersDependencies {
  readonly database: Sql;
  readonly codec: Pick<EventCodec, 'decode'>;
  readonly log: Pick<Log, 'info'>;
  readonly connections: Pick<Connections, 'databaseUrl' | 'topicPrefix'>;
  readonly groups: readonly DryRunGroup[];
}

/**
 * The operations on parked events. The order of an order's events is kept: only the first of a queue can be
 * retried; the next one follows when it is handled or discarded. A retry only makes the event due; the redrive of any
 * instance then handles it.
 */
export class DeadLetters {
  private readonly database: Sql;
  private readonly events = new ParkedEvents();
  private readonly dryRuns: DryRun;

  constructor(private readonly dependencies: DeadLettersDependencies) {
    this.database = orTransientError(dependencies.database);
    const queueOf = (head: ParkedEvent) => this.events.queueFrom(this.database, head, QUEUE_SHOWN);
    this.dryRuns = new DryRun(dependencies.connections.databaseUrl, dependencies.groups, queueOf);
  }

  /** The oldest first. @param after id of the last one seen */
  list(filter: ParkedEventFilter, after: string, limit: number): Promise<ParkedEvent[]> {
    return this.events.list(this.database, filter, after, limit);
  }

  /** @throws Problem 404 */
  async find(id: string): Promise<OpenedEvent> {
    const { database } = this;
    const parked = (await this.events.find(database, id)) ?? notParked();
    const isParked = parked.state !== 'discarded';
    const [place, behind, actions, decoded] = await Promise.all([
      isParked ? this.events.placeOf(database, parked) : { head: null, behind: 0 },
      isParked ? this.events.behind(database, parked, QUEUE_SHOWN) : [],
      this.events.actions(database, { parkedId: id }, QUEUE_SHOWN),
      this.decode(parked),
    ]);
    return {
      parked,
      ...decoded,
      waitsFor: parked.state === 'waiting' ? place.head : null,
      behind: { count: place.behind, items: behind },
      actions,
    };
  }

  /** @returns the event, due now. @throws Problem 404, or 409 when it is not the first of its queue */
  async retry(id: string, operator: string): Promise<ParkedEvent> {
    const [parked] = await this.retryAll([id], operator, 1);
    return parked ?? this.notRetried(id);
  }

  /** The outcome of a retry, for the event and the events behind it. @throws as {@link retry} */
  async dryRun(id: string): Promise<DryRunResult[]> {
    const parked = await this.events.find(this.database, id);
    const head = parked && (await this.events.placeOf(this.database, parked)).head;
    const [results] = parked && head === id ? await this.dryRuns.of([parked]) : [];
    return results ?? this.notRetried(id);
  }

  /** Makes the first events of the queues due, one after the other. @returns them, and whether the limit cut some off */
  async retryMany(
    selection: Selection,
    operator: string,
    perSecond: number,
  ): Promise<{ events: ParkedEvent[]; more: boolean }> {
    const { heads, more } = await this.select(selection);
    const ids = heads.map(({ id }) => id);
    return { events: await this.retryAll(ids, operator, perSecond), more };
  }

  /** The outcome of {@link retryMany}. */
  async dryRunMany(selection: Selection): Promise<{ queues: DryRunResult[][]; more: boolean }> {
    const { heads, more } = await this.select(selection);
    return { queues: await this.dryRuns.of(heads), more };
  }

  /** @throws Problem 404 */
  async discard(id: string, operator: string, reason: string): Promise<ParkedEvent> {
    const [parked] = await this.discardAll([id], operator, reason);
    return parked ?? notParked();
  }

  /** Discards the selected events, the oldest first. @returns them, and whether the limit left some out */
  async discardMany(
    selection: Selection,
    operator: string,
    reason: string,
  ): Promise<{ events: ParkedEvent[]; more: boolean }> {
    const { heads, more } = await this.select(selection);
    const ids = heads.map(({ id }) => id);
    return { events: ids.length === 0 ? [] : await this.discardAll(ids, operator, reason), more };
  }

  /** The events that {@link discardMany} would discard. */
  async selected(selection: Selection): Promise<{ events: ParkedEvent[]; more: boolean }> {
    const { heads, more } = await this.select(selection);
    return { events: heads, more };
  }

  /** The operators' actions, the latest first. @param before id of the last one seen */
  actions(before: string | undefined, limit: number): Promise<OperatorAction[]> {
    return this.events.actions(this.database, { before }, limit);
  }

  private async discardAll(ids: readonly string[], operator: string, reason: string): Promise<ParkedEvent[]> {
    const events = await this.events.discard(this.database, ids, operator, reason);
    for (const parked of events) this.report('discarded', parked, { operator, why: reason });
    return events;
  }

  private async retryAll(ids: readonly string[], operator: string, perSecond: number): Promise<ParkedEvent[]> {
    if (ids.length === 0) return [];
    const events = await this.events.retry(this.database, ids, operator, perSecond);
    for (const parked of events) this.report('to be retried', parked, { operator });
    return events;
  }

  private async select({ filter, limit }: Selection): Promise<{ heads: ParkedEvent[]; more: boolean }> {
    const found = await this.events.list(this.database, filter, '0', limit + 1);
    return { heads: found.slice(0, limit), more: found.length > limit };
  }

  private async notRetried(id: string): Promise<never> {
    const parked = await this.events.find(this.database, id);
    if (!parked || parked.state === 'discarded') return notParked();
    const { head } = await this.events.placeOf(this.database, parked);
    const detail = `${head} is the first of its queue: retry or discard that one first.`;
    throw new Problem(409, 'not-first-in-queue', detail, { members: { head } });
  }

  private async decode(parked: ParkedEventDetail): Promise<Pick<OpenedEvent, 'event' | 'undecodable'>> {
    const { codec, connections } = this.dependencies;
    try {
      if (parked.omitted) throw new BadRecord(parked.omitted.why, parked.omitted.detail);
      const event = toCloudEvent(masked(await codec.decode(recordOf(parked), connections.topicPrefix)));
      return { event, undecodable: null };
    } catch (error) {
      if (error instanceof BadRecord) return { event: null, undecodable: error.message };
      if (!isTransient(error)) throw error;
      return { event: null, undecodable: 'the schema registry does not answer at the moment' };
    }
  }

  private report(action: string, parked: ParkedEvent, more: object): void {
    const { id, consumer, subject, topic, partition, offset } = parked;
    const fields = { parkedId: id, group: consumer, orderId: subject, topic, partition, offset, ...more };
    this.dependencies.log.info(fields, `parked event ${action}`);
  }
}

/** The values of confidential fields are encrypted, and not of use to an operator. Those of older versions may be in clear. */
function masked(event: Event): Event {
  const stars = confidentialFieldsOf(event.type).map((field) => [field, '***']);
  // guard: dead letters: confidential fields are masked
  return { ...event, data: { ...event.data, ...Object.fromEntries(stars) } } as Event;
}

function notParked(): never {
  const detail = 'No event is parked under this id: it was handled or discarded, or never existed.';
  throw new Problem(404, 'not-found', detail);
}
