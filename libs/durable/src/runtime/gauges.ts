import type { Broker } from '@orderflow/kafka';
import { gauges } from '@orderflow/telemetry';
import type { Database } from '../store/database.js';
import { Outbox } from '../outbox/outbox.js';
import { PublishedOffsets } from '../outbox/published-offsets.js';
import type { Sql } from '../store/sql.js';

/** The sources of a service's gauges. */
export interface Measured {
  readonly database: Database;
  readonly broker: Pick<Broker, 'lagOf'>;
  readonly topicPrefix: string;
  /** By consumer group: the full names of its topics. */
  readonly topics: ReadonlyMap<string, readonly string[]>;
  /** The full names of the topics that the service publishes its events to. */
  readonly published: readonly string[];
  /** Kinds of external calls. */
  readonly kinds: readonly string[];
  readonly onError: (error: unknown) => void;
}

/** docs/metrics.md lists names and labels. Gauges of the database have the same value at each instance. */
export function measure({ database, broker, topicPrefix, topics, published, kinds, onError }: Measured): void {
  gauges(
    {
      orderflow_outbox_pending_records: { help: 'Committed events that the broker has not acknowledged.' },
      orderflow_outbox_oldest_age_seconds: { help: 'Age of the oldest of them.' },
      orderflow_outbox_rejected_records: { help: 'Events that the broker refuses for their content.' },
    },
    async () => {
      const { pending, oldestAgeMs, rejected } = await new Outbox().state(database);
      return {
        orderflow_outbox_pending_records: pending,
        orderflow_outbox_oldest_age_seconds: oldestAgeMs / 1000,
        orderflow_outbox_rejected_records: rejected,
      };
    },
    onError,
  );
  gauges(
    {
      orderflow_lost_records: {
        help: 'Published records that the broker has lost. Nothing is published until they are published again.',
        labels: ['topic', 'partition'],
      },
    },
    async () => {
      const rows = await new PublishedOffsets(database).read(published);
      const labelled = rows.map(({ topic, partition, lost }) => ({
        labels: { topic, partition },
        value: Number(lost),
      }));
      return { orderflow_lost_records: labelled };
    },
    onError,
  );
  gauges(
    {
      orderflow_parked_records: { help: 'Parked records, including dead letters.', labels: ['group'] },
      orderflow_dead_letters: { help: 'Parked records whose attempts are used up.', labels: ['group'] },
    },
    () => parked(database, [...topics.keys()]),
    onError,
  );
  gauges(
    {
      orderflow_expired_unacknowledged_records: {
        help: 'Records that expired unread, until an operator acknowledges them.',
        labels: ['group'],
      },
    },
    () => expired(database, [...topics.keys()]),
    onError,
  );
  gauges(
    {
      orderflow_external_calls_pending: {
        help: 'External calls without an answer, dead letters excluded.',
        labels: ['kind'],
      },
      orderflow_external_calls_oldest_age_seconds: { help: 'Age of the oldest of them.', labels: ['kind'] },
      orderflow_external_calls_dead: { help: 'External calls that are dead letters.', labels: ['kind'] },
      orderflow_external_calls_deferred_orders: {
        help: 'Orders with an external call that the other side has put off.',
        labels: ['kind'],
      },
    },
    () => externalCalls(database, kinds),
    onError,
  );
  gauges(
    {
      orderflow_consumer_lag_records: {
        help: 'Records whose offset the group has not committed, those that expired included.',
        labels: ['group', 'topic', 'partition'],
      },
      orderflow_expired_records: {
        help: 'Records that expired before the group committed them.',
        labels: ['group', 'topic', 'partition'],
      },
    },
    async () => {
      const read = [...topics].map(async ([group, names]) =>
        (await broker.lagOf(topicPrefix + group, names)).map(({ topic, partition, ...lag }) => ({
          labels: { group, topic, partition },
          ...lag,
        })),
      );
      const lags = (await Promise.all(read)).flat();
      return {
        orderflow_consumer_lag_records: lags.map(({ labels, records }) => ({ labels, value: records })),
        orderflow_expired_records: lags.map(({ labels, expired }) => ({ labels, value: expired })),
      };
    },
    onError,
  );
  gauges(
    {
      db_client_connections: { help: 'Connections of a pool.', labels: ['pool', 'state'] },
      db_client_connection_pending_requests: { help: 'Statements that wait for a connection.', labels: ['pool'] },
    },
    () => {
      const { waiting, ...connections } = database.connections;
      const pool = 'work';
      return {
        db_client_connections: Object.entries(connections).map(([state, value]) => ({
          labels: { pool, state },
          value,
        })),
        db_client_connection_pending_requests: [{ labels: { pool }, value: waiting }],
      };
    },
    onError,
  );
}

async function parked(sql: Sql, consumers: readonly string[]) {
  const rows = await sql.query<{ consumer: string; parked: number; dead: number }>(
    `SELECT consumer, count(*)::int AS parked, count(dead_at)::int AS dead FROM parked GROUP BY consumer`,
  );
  const each = (column: 'parked' | 'dead') =>
    consumers.map((group) => ({
      labels: { group },
      value: rows.find(({ consumer }) => consumer === group)?.[column] ?? 0,
    }));
  return { orderflow_parked_records: each('parked'), orderflow_dead_letters: each('dead') };
}

async function expired(sql: Sql, consumers: readonly string[]) {
  const rows = await sql.query<{ consumer: string; records: number }>(
    `SELECT consumer, sum(next_offset - first_offset)::float8 AS records
     FROM expired_ranges WHERE acknowledged_at IS NULL GROUP BY consumer`,
  );
  const records = new Map(rows.map((row) => [row.consumer, row.records]));
  return {
    orderflow_expired_unacknowledged_records: consumers.map((group) => ({
      labels: { group },
      value: records.get(group) ?? 0,
    })),
  };
}

async function externalCalls(sql: Sql, kinds: readonly string[]) {
  const rows = await sql.query<{ kind: string; pending: number; seconds: number; dead: number; deferred: number }>(
    `SELECT kind, count(*) FILTER (WHERE dead_at IS NULL)::int AS pending, count(dead_at)::int AS dead,
            count(DISTINCT subject) FILTER (WHERE waits_for = 'other-side')::int AS deferred,
            coalesce(greatest(0, extract(epoch FROM now() - min(created_at) FILTER (WHERE dead_at IS NULL))), 0)::float8 AS seconds
     FROM external_calls GROUP BY kind`,
  );
  const each = (column: 'pending' | 'seconds' | 'dead' | 'deferred') =>
    kinds.map((kind) => ({ labels: { kind }, value: rows.find((row) => row.kind === kind)?.[column] ?? 0 }));
  return {
    orderflow_external_calls_pending: each('pending'),
    orderflow_external_calls_oldest_age_seconds: each('seconds'),
    orderflow_external_calls_dead: each('dead'),
    orderflow_external_calls_deferred_orders: each('deferred'),
  };
}
