import type { EventBody } from '@orderflow/contracts';
import type { Sql } from '../store/sql.js';
import type { RecordedEvent } from '../transaction/incoming.js';

/** A published event as its service keeps it, with everything that its record held. */
export interface KeptEvent {
  readonly id: string;
  readonly type: EventBody['type'];
  readonly data: unknown;
  readonly sequence: number;
  /** ISO 8601 UTC instant. */
  readonly time: string;
  readonly correlationId: string;
  readonly causationId: string;
  readonly traceparent: string;
  /** Not there in events of older versions. */
  readonly tracestate?: string | undefined;
}

/** Events about one subject, in the order of their numbers. */
export interface KeptSubject {
  readonly subject: string;
  readonly events: readonly KeptEvent[];
  /** How many of its events are not kept: they were published by an older version. */
  readonly unkept: number;
}

/** Where a service keeps the events that it has published about one kind of subject. */
export interface KeptEvents<Tx = Sql> {
  /** Only the newest event of a subject is kept, and published again and again: its topic is compacted. */
  readonly newestOnly: boolean;
  /**
   * Reads and locks the next subjects: an event that is decided meanwhile comes after theirs.
   * @param after the last subject of the page before; undefined for the first page
   * @returns in the order of the subjects; fewer than `limit` at the end
   */
  page(tx: Tx, after: string | undefined, limit: number): Promise<readonly KeptSubject[]>;
}

/** The events of a batch that are published, by subject, to be kept with its state. */
export function keptOf(recorded: readonly RecordedEvent[]): ReadonlyMap<string, readonly KeptEvent[]> {
  const kept = new Map<string, KeptEvent[]>();
  for (const { id, published, context } of recorded) {
    if (published === undefined) continue;
    const { publish, subject, sequence } = published;
    const { id: causationId, at, correlationId, traceparent, tracestate } = context;
    const ofTrace = { correlationId, causationId, traceparent, tracestate };
    const event = { id, ...publish, sequence, time: at.toISOString(), ...ofTrace };
    kept.set(subject, [...(kept.get(subject) ?? []), event]);
  }
  return kept;
}

/** A table with a column `events`, in which a service keeps what it publishes about each row. */
export class EventColumn implements KeptEvents {
  /**
   * @param key column of the subject
   * @param first sorts before every subject
   * @param newestOnly see {@link KeptEvents}
   */
  constructor(
    private readonly table: { name: string; key: string; type: 'uuid' | 'text'; first: string; newestOnly: boolean },
  ) {}

  get newestOnly(): boolean {
    return this.table.newestOnly;
  }

  async page(sql: Sql, after: string | undefined, limit: number): Promise<KeptSubject[]> {
    const { name, key, type, first, newestOnly } = this.table;
    const rows = await sql.query<{ subject: string; events: KeptEvent[]; sequence: number }>(
      `SELECT ${key} AS subject, events, sequence FROM ${name} WHERE ${key} > $1::${type} ORDER BY ${key} LIMIT $2 FOR UPDATE`,
      [after ?? first, limit],
    );
    return rows.map(({ subject, events, sequence }) => ({
      subject,
      events,
      unkept: (newestOnly ? Math.min(sequence, 1) : sequence) - events.length,
    }));
  }
}

/** Sorts before every order id. */
export const NO_ORDER = '00000000-0000-0000-0000-000000000000';

/** The column `events` of a table with a row for each order. */
export const eventsOfOrders = (name: string): EventColumn =>
  new EventColumn({ name, key: 'order_id', type: 'uuid', first: NO_ORDER, newestOnly: false });
