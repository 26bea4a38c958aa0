import { EventTap, type EventTapOptions } from '@orderflow/client';
import { type Event, eventSchemas, isEventType, type Service, services } from '@orderflow/contracts';
import type { IdleQueueFacts, RequestFacts } from '@orderflow/invariants';
import { withDatabases } from '../../../ops/src/audit/database-reader.ts';

export type LogAddress = Pick<EventTapOptions, 'kafkaBrokers' | 'kafkaSecurity' | 'schemaRegistryUrl'>;

/** An event in the log: its identity, and its position. */
export type LoggedEvent = Pick<Event, 'id' | 'source' | 'subject' | 'sequence'> & {
  /** Written by the version before the newest one. */
  isOlder: boolean;
  /** Within its partition; all events of one source and order are in the same one. */
  offset: bigint;
  /** By the broker's clock. */
  appendedAt: Date;
};

const READ_TIMEOUT_MS = 60_000;

/** The events of the services' topics, and how many records of others are among them. */
export interface Log {
  readonly events: readonly LoggedEvent[];
  readonly foreign: number;
  readonly oversized: number;
}

/** Reads the services' topics from offset 0 to their end. No service may be publishing. @throws Error after 60 s */
export async function readLog(address: LogAddress): Promise<Log> {
  const tap = await EventTap.open({ ...address, topicPrefix: '' });
  try {
    const all = await tap.readToEnd(READ_TIMEOUT_MS);
    const kept = all.filter(({ omitted }) => omitted === undefined);
    const own = kept.filter(({ headers }) => isEventType(headers['ce_type']?.toString() ?? ''));
    const events = await Promise.all(
      own.map(async (record) => {
        const { id, source, subject, sequence, type, schemaVersion } = await tap.decode(record);
        const isOlder = schemaVersion !== eventSchemas[type].version;
        return { id, source, subject, sequence, isOlder, offset: BigInt(record.offset), appendedAt: record.timestamp };
      }),
    );
    return { events, foreign: kept.length - own.length, oversized: all.length - kept.length };
  } finally {
    await tap.close();
  }
}

export type OrderRow = NonNullable<RequestFacts['order']> & {
  customerId: string | null;
  cancelReason: string | null;
  settled: boolean;
  stock: string;
  payment: string;
  /** Last change of the view; a settled one changes no more. */
  updatedAt: Date;
};

/** A mail that arrived more than once with the same Message-ID; first at `receivedAt`. */
export interface CopiedMail {
  orderId: string;
  copies: number;
  receivedAt: Date;
}

/** What the services recorded in their databases, as far as the log and the customers can be compared with it. */
export interface Recorded {
  orders: OrderRow[];
  /** Rows of `order_events`. */
  events: { id: string; orderId: string }[];
  /** Number of events by source and order: `source/order`. */
  published: Map<string, number>;
  /** When each consumer group handled each event. */
  inbox: { consumer: string; eventId: string; receivedAt: Date }[];
  queues: IdleQueueFacts[];
  /** Mails that arrived, each Message-ID once. */
  mails: number;
  /** Those that arrived more than once. */
  copiedMails: CopiedMail[];
}

const ORDERS = `
  SELECT order_id AS "orderId", customer_id AS "customerId", order_views.status,
         order_views.cancel_reason AS "cancelReason", settled, stock, payment, updated_at AS "updatedAt",
         total_minor::float8 AS "totalMinor"
  FROM order_views LEFT JOIN orders USING (order_id)`;

const EVENTS = `SELECT id, order_id AS "orderId" FROM order_events`;

const PUBLISHED: Record<Service, string> = {
  orders: `SELECT order_id AS "orderId", version AS sequence FROM orders WHERE version > 0`,
  inventory: `SELECT order_id AS "orderId", sequence FROM reservations WHERE sequence > 0`,
  payments: `SELECT order_id AS "orderId", sequence FROM payments WHERE sequence > 0`,
  notifications: `SELECT order_id AS "orderId", sequence FROM notices WHERE sequence > 0`,
};

const INBOX = `SELECT consumer, event_id AS "eventId", received_at AS "receivedAt" FROM inbox`;

const QUEUES = `
  SELECT (SELECT count(*) FROM parked)::int AS parked, (SELECT count(*) FROM external_calls)::int AS "externalCalls",
         (SELECT count(*) FROM deadlines)::int AS deadlines`;

const MAILS = 'SELECT count(*)::int AS mails FROM mails';

const COPIED_MAILS = `
  SELECT order_id AS "orderId", copies, received_at AS "receivedAt" FROM mails WHERE copies > 1`;

/** @param databaseUrl of the server, without a database; databases have no prefix */
export async function readRecorded(databaseUrl: string): Promise<Recorded> {
  return withDatabases({ databaseUrl, databasePrefix: '' }, async (reader) => {
    const published: Recorded['published'] = new Map();
    const inbox: Recorded['inbox'][] = [];
    const queues: Recorded['queues'] = [];
    for (const service of services) {
      const streams = await reader.rows<{ orderId: string; sequence: number }>(service, PUBLISHED[service]);
      for (const { orderId, sequence } of streams) published.set(`${service}/${orderId}`, sequence);
      inbox.push(await reader.rows(service, INBOX));
      const [counts] = await reader.rows<Omit<IdleQueueFacts, 'service'>>(service, QUEUES);
      queues.push({ service, ...counts! });
    }
    const [mails] = await reader.rows<{ mails: number }>('sandbox', MAILS);
    return {
      orders: await reader.rows('orders', ORDERS),
      events: await reader.rows('orders', EVENTS),
      published,
      inbox: inbox.flat(),
      queues,
      mails: mails!.mails,
      copiedMails: await reader.rows('sandbox', COPIED_MAILS),
    };
  });
}
