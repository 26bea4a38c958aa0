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

/** Sorts before every order id. */
export const NO_ORDER = '00000000-0000-0000-0000-000000000000';

/** A table with a row for each order, and a column `events` in which a service keeps what it publishes about the order. */
export class EventColumn implements KeptEvents {
  readonly newestOnly = false;

  /** @param table its name */
  constructor(private readonly table: string) {}

  async page(sql: Sql, after: string | undefined, limit: number): Promise<KeptSubject[]> {
    const rows = await sql.query<{ subject: string; events: KeptEvent[]; sequence: number }>(
      `SELECT order_id AS subject, events, sequence
       FROM ${this.table} WHERE order_id > $1::uuid ORDER BY order_id LIMIT $2 FOR UPDATE`,
      [after ?? NO_ORDER, limit],
    );
    return rows.map(({ subject, events, sequence }) => ({ subject, events, unkept: sequence - events.length }));
  }
}
