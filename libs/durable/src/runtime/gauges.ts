import type { Broker } from '@orderflow/kafka';
import { gauges } from '@orderflow/telemetry';
import type { Database } from '../store/database.js';
import { Outbox } from '../outbox/outbox.js';
import type { Sql } from '../store/sql.js';

/** The sources of a service's gauges. */
export interface Measured {
  readonly database: Database;
  readonly broker: Pick<Broker, 'lagOf'>;
  readonly topicPrefix: string;
  /** By consumer group: the full names of its topics. */
  readonly topics: ReadonlyMap<string, readonly string[]>;
  /** Kinds of external calls. */
  readonly kinds: readonly string[];
  readonly onError: (error: unknown) => void;
}

/** docs/metrics.md lists names and labels. Gauges of the database have the same value at each instance. */
export function measure({ database, broker, topicPrefix, topics, kinds, onError }: Measured): void {
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
      orderflow_parked_records: { help: 'Parked records, including dead letters.', labels: ['group'] },
      orderflow_dead_letters: { help: 'Parked records whose attempts are used up.', labels: ['group'] },
    },
    () => parked(database, [...topics.keys()]),
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

async function externalCalls(sql: Sql, kinds: readonly string[]) {
  const rows = await sql.query<{ kind: string; pending: number; seconds: number; dead: number }>(
    `SELECT kind, count(*) FILTER (WHERE dead_at IS NULL)::int AS pending, count(dead_at)::int AS dead,
            coalesce(greatest(0, extract(epoch FROM now() - min(created_at) FILTER (WHERE dead_at IS NULL))), 0)::float8 AS seconds
     FROM external_calls GROUP BY kind`,
  );
  const each = (column: 'pending' | 'seconds' | 'dead') =>
    kinds.map((kind) => ({ labels: { kind }, value: rows.find((row) => row.kind === kind)?.[column] ?? 0 }));
  return {
    orderflow_external_calls_pending: each('pending'),
    orderflow_external_calls_oldest_age_seconds: each('seconds'),
    orderflow_external_calls_dead: each('dead'),
  };
}
