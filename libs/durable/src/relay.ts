import { type Publisher, PublishRefused } from '@orderflow/kafka';
import { type OpenSpan, startSpan } from '@orderflow/telemetry';
import type { Connection } from './database.js';
import { reasonOf } from './failures.js';
import { Loop } from './loop.js';
import { outboxWait, sentMessages } from './metrics.js';
import { Outbox, type OutboxRow, SHARDS } from './outbox.js';
import type { Sql } from './sql.js';

const BATCH = 500;
const SHARES_MS = 1_000;

// The first number of our advisory locks; the second is 0 for "a relay is here" and shard + 1 for a shard.
const LOCKS = 0x0f10;

/**
 * Settings of the session in which a relay works. A process that is stopped, or cut off, keeps its session and with it the
 * locks of its shards, so that nobody else may send what lies there: a session that has said nothing for so long is ended.
 * Longer than a healthy broker takes to answer; losing the session while it is waited for only resends.
 */
export const RELAY_SESSION = { synchronous_commit: 'off', idle_session_timeout: '15s' };

/**
 * Takes what is committed in the outbox to the broker, and knows rows and topics only. One relay per shard works at a
 * time, by an advisory lock of its session. It publishes with one request in flight and deletes what was acknowledged;
 * whatever fails in between is sent again with the same ids, and the inboxes drop it.
 */
export class Relay {
  private readonly outbox = new Outbox();
  private readonly loop: Loop;
  private shards: number[] = [];
  private lockedAt = 0;

  /** @param connection its own, with RELAY_SESSION: it carries the locks, and losing a delete there only resends */
  constructor(
    private readonly connection: Connection,
    private readonly publisher: Publisher,
    private readonly log: { warn(message: string): void },
    pollMs: number,
  ) {
    this.loop = new Loop(
      () => this.work(),
      pollMs,
      (reason) => this.log.warn(`relay: ${reason}`),
    );
  }

  start(): void {
    this.loop.start();
  }

  /** Something was committed. */
  poke(): void {
    this.loop.poke();
  }

  async stop(): Promise<void> {
    await this.loop.stop();
    await this.connection.end();
  }

  private async work(): Promise<boolean> {
    // A new session holds no locks, whatever the old one held.
    if (!this.connection.isOpen) this.shards = [];
    return this.connection.session(async (sql) => {
      if (this.shards.length === 0 || Date.now() - this.lockedAt > SHARES_MS) await this.takeShare(sql);
      if (this.shards.length === 0) return false;
      const rows = await this.outbox.unsent(sql, this.shards, BATCH);
      if (rows.length === 0) return false;
      await this.publish(sql, rows);
      return true;
    });
  }

  /** Holds no more than a fair share of the shards, so that relays that come later find work. */
  private async takeShare(sql: Sql): Promise<void> {
    await sql.query(
      `SELECT pg_advisory_lock_shared($1, 0) WHERE NOT EXISTS (
         SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND classid = $1 AND objid = 0 AND pid = pg_backend_pid())`,
      [LOCKS],
    );
    const [{ relays }] = (await sql.query<{ relays: number }>(
      `SELECT count(*)::int AS relays FROM pg_locks
       WHERE locktype = 'advisory' AND classid = $1 AND objid = 0 AND granted
         AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
      [LOCKS],
    )) as [{ relays: number }];
    const share = Math.ceil(SHARDS / Math.max(1, relays));
    while (this.shards.length > share)
      await sql.query('SELECT pg_advisory_unlock($1, $2)', [LOCKS, this.shards.pop()! + 1]);
    for (let shard = 0; shard < SHARDS && this.shards.length < share; shard++)
      if (!this.shards.includes(shard) && (await this.lock(sql, shard))) this.shards.push(shard);
    this.lockedAt = Date.now();
  }

  private async lock(sql: Sql, shard: number): Promise<boolean> {
    const [row] = await sql.query<{ ours: boolean }>('SELECT pg_try_advisory_lock($1, $2) AS ours', [LOCKS, shard + 1]);
    return row!.ours;
  }

  private async publish(sql: Sql, rows: readonly OutboxRow[]): Promise<void> {
    const spans = rows.map((row) => sendSpan(row));
    try {
      await this.publisher.publish(
        rows.map((row, i) => ({ ...row, headers: { ...row.headers, traceparent: spans[i]!.traceparent } })),
      );
      for (const span of spans) span.end();
    } catch (error) {
      for (const span of spans) span.end(error);
      if (!(error instanceof PublishRefused)) throw error;
      await this.findRefused(sql, rows, error);
      return;
    }
    rows.forEach(({ topic, createdAt }, i) => {
      sentMessages.add({ messaging_destination_name: topic });
      outboxWait.observe({}, Math.max(0, Date.now() - createdAt.getTime()) / 1000, spans[i]!.traceparent);
    });
    await this.outbox.sent(sql, rows);
  }

  /** Sends in halves until the row that the broker refuses is alone, and sets it aside. */
  private async findRefused(sql: Sql, rows: readonly OutboxRow[], error: unknown): Promise<void> {
    if (rows.length === 1) {
      this.log.warn(`relay: set aside outbox row ${rows[0]!.id} of ${rows[0]!.key}: ${reasonOf(error)}`);
      await this.outbox.setAside(sql, rows[0]!, reasonOf(error));
      return;
    }
    const middle = rows.length >> 1;
    await this.publish(sql, rows.slice(0, middle));
    // Behind a row that was just set aside its own key must wait: look again instead of sending the second half.
  }
}

const sendSpan = (row: OutboxRow): OpenSpan =>
  startSpan(`send ${row.topic}`, {
    kind: 'producer',
    traceparent: row.headers['traceparent'],
    // From when it was committed: the time that the event lay in the outbox is part of the span.
    startTime: row.createdAt,
    attributes: () => ({
      'messaging.system': 'kafka',
      'messaging.operation.type': 'send',
      'messaging.destination.name': row.topic,
      'messaging.kafka.message.key': row.key,
      'messaging.message.id': row.headers['ce_id'] ?? '',
      'cloudevents.event_type': row.headers['ce_type'] ?? '',
      'orderflow.order.id': row.key,
      'orderflow.outbox.wait_ms': Date.now() - row.createdAt.getTime(),
    }),
  });
