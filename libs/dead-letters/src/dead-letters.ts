import { BadRecord, type CloudEvent, type EventCodec, isTransient, toCloudEvent } from '@orderflow/kafka';
import { Problem } from '@orderflow/http';
import type { Connections } from '@orderflow/durable';
import { orTransientError } from '@orderflow/durable';
import type { Log, DryRunTarget } from '@orderflow/durable';
import type { Sql } from '@orderflow/durable';
import {
  type OperatorAction,
  type ParkedEventFilter,
  type ParkedEvent,
  ParkedEvents,
  recordOf,
  type ParkedEventDetail,
} from './parked-events.js';
import { DryRun, type DryRunResult } from './dry-run.js';

/** As many of a queue are looked at: the queue of an order is far shorter, that of records without a key may be long. */
const QUEUE_SHOWN = 100;

/** A letter with all that a person may want to know of it. */
export interface OpenedLetter {
  readonly letter: ParkedEventDetail;
  /** The event in it, or why there is none to be read. */
  readonly event: CloudEvent | undefined;
  readonly undecodable: string | undefined;
  /** The first of its queue, when that is another one. */
  readonly waitsFor: string | undefined;
  readonly behind: { readonly count: number; readonly items: readonly ParkedEvent[] };
  readonly actions: readonly OperatorAction[];
}

/** A selection of letters to be retried. */
export interface Selection {
  readonly filter: ParkedEventFilter;
  /** At most so many queues. */
  readonly limit: number;
}

interface Parts {
  readonly database: Sql;
  readonly codec: Pick<EventCodec, 'decode'>;
  readonly log: Pick<Log, 'info'>;
  readonly connections: Pick<Connections, 'databaseUrl' | 'topicPrefix'>;
  readonly consumers: readonly DryRunTarget[];
}

/**
 * What a person can do with what is parked. The order of an order's events is kept: only the first of a queue can be
 * retried, what is behind it follows when it is handled or discarded. Nothing is handled here: a retry makes a letter due,
 * and whichever member looks next tries it.
 */
export class DeadLetters {
  private readonly database: Sql;
  private readonly letters = new ParkedEvents();
  private readonly drain: DryRun;

  constructor(private readonly parts: Parts) {
    this.database = orTransientError(parts.database);
    const queueOf = (head: ParkedEvent) => this.letters.queueFrom(this.database, head, QUEUE_SHOWN);
    this.drain = new DryRun(parts.connections.databaseUrl, parts.consumers, queueOf);
  }

  /** The oldest first. @param after id of the last one seen */
  list(filter: ParkedEventFilter, after: string, limit: number): Promise<ParkedEvent[]> {
    return this.letters.list(this.database, filter, after, limit);
  }

  /** @throws Problem 404 */
  async find(id: string): Promise<OpenedLetter> {
    const { database } = this;
    const letter = (await this.letters.find(database, id)) ?? noSuchLetter();
    const isParked = letter.state !== 'discarded';
    const [place, behind, actions, event] = await Promise.all([
      isParked ? this.letters.placeOf(database, letter) : { head: null, behind: 0 },
      isParked ? this.letters.behind(database, letter, QUEUE_SHOWN) : [],
      this.letters.actions(database, { parkedId: id }, QUEUE_SHOWN),
      this.read(letter),
    ]);
    return {
      letter,
      ...event,
      waitsFor: letter.state === 'waiting' ? (place.head ?? undefined) : undefined,
      behind: { count: place.behind, items: behind },
      actions,
    };
  }

  /** @returns the letter, due now. @throws Problem 404, or 409 when it waits behind another one */
  async retry(id: string, operator: string): Promise<ParkedEvent> {
    const [letter] = await this.retryAll([id], operator, 1);
    return letter ?? this.notRetried(id);
  }

  /** What would become of it and of what is behind it. @throws as {@link retry} */
  async dryRun(id: string): Promise<DryRunResult[]> {
    const letter = await this.letters.find(this.database, id);
    const head = letter && (await this.letters.placeOf(this.database, letter)).head;
    const [results] = letter && head === id ? await this.drain.of([letter]) : [];
    return results ?? this.notRetried(id);
  }

  /** Makes the heads of the queues due, one after the other. @returns them, and whether there are more than the limit */
  async retryMany(
    selection: Selection,
    operator: string,
    perSecond: number,
  ): Promise<{ letters: ParkedEvent[]; more: boolean }> {
    const { heads, more } = await this.select(selection);
    const ids = heads.map(({ id }) => id);
    return { letters: await this.retryAll(ids, operator, perSecond), more };
  }

  /** What would become of each, and of what is behind it. */
  async dryRunMany(selection: Selection): Promise<{ queues: DryRunResult[][]; more: boolean }> {
    const { heads, more } = await this.select(selection);
    return { queues: await this.drain.of(heads), more };
  }

  /** @throws Problem 404 */
  async discard(id: string, operator: string, reason: string): Promise<ParkedEvent> {
    const letter = await this.letters.discard(this.database, id, operator, reason);
    if (!letter) return noSuchLetter();
    this.tell('discarded', letter, { operator, why: reason });
    return letter;
  }

  /** What people did, the latest first. @param before id of the last one seen */
  actions(before: string | undefined, limit: number): Promise<OperatorAction[]> {
    return this.letters.actions(this.database, { before }, limit);
  }

  private async retryAll(ids: readonly string[], operator: string, perSecond: number): Promise<ParkedEvent[]> {
    if (ids.length === 0) return [];
    const letters = await this.letters.retry(this.database, ids, operator, perSecond);
    for (const letter of letters) this.tell('to be retried', letter, { operator });
    return letters;
  }

  private async select({ filter, limit }: Selection): Promise<{ heads: ParkedEvent[]; more: boolean }> {
    const found = await this.letters.list(this.database, filter, '0', limit + 1);
    return { heads: found.slice(0, limit), more: found.length > limit };
  }

  private async notRetried(id: string): Promise<never> {
    const letter = await this.letters.find(this.database, id);
    if (!letter || letter.state === 'discarded') return noSuchLetter();
    const { head } = await this.letters.placeOf(this.database, letter);
    throw new Problem(
      409,
      'not-first-in-queue',
      `It waits behind ${head}, which is to be retried or discarded first.`,
      {
        members: { head },
      },
    );
  }

  private async read(letter: ParkedEventDetail): Promise<Pick<OpenedLetter, 'event' | 'undecodable'>> {
    const { codec, connections } = this.parts;
    try {
      const event = toCloudEvent(await codec.decode(recordOf(letter), connections.topicPrefix));
      return { event, undecodable: undefined };
    } catch (error) {
      if (error instanceof BadRecord) return { event: undefined, undecodable: error.message };
      if (!isTransient(error)) throw error;
      return { event: undefined, undecodable: 'the schema registry does not answer at the moment' };
    }
  }

  private tell(what: string, { id, consumer, subject, topic, partition, offset }: ParkedEvent, more: object): void {
    const fields = { letter: id, group: consumer, orderId: subject, topic, partition, offset, ...more };
    this.parts.log.info(fields, `dead letter ${what}`);
  }
}

function noSuchLetter(): never {
  throw new Problem(404, 'not-found', 'There is no such letter: it was handled, discarded, or never there.');
}
