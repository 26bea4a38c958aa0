import { type Publisher, PublishRefused } from '@orderflow/kafka';
import { type OpenSpan, startSpan } from '@orderflow/telemetry';
import { type Clock, systemClock } from '../base/clock.js';
import { reasonOf } from '../base/failures.js';
import { Loop } from '../base/loop.js';
import { outboxWait, sentMessages } from '../base/metrics.js';
import { type OutboxRow, SHARDS } from './outbox.js';
import type { Sql } from '../store/sql.js';
import type { Session, Store } from '../store/store.js';

const BATCH = 500;
const SHARES_MS = 1_000;

/**
 * Takes what is committed in the outbox to the broker, and knows rows and topics only. One relay per shard works at a
 * time, by a lock of its session. It publishes with one request in flight and deletes what was acknowledged;
 * whatever fails in between is sent again with the same ids, and the inboxes drop it.
 */
export class Relay<Tx = Sql> {
  private readonly loop: Loop;
  private shards: number[] = [];
  private lockedAt = 0;

  /** @param connection its own: it carries the locks */
  constructor(
    private readonly connection: Session<Tx>,
    private readonly store: Pick<Store<Tx>, 'outbox' | 'shardLocks'>,
    private readonly publisher: Publisher,
    private readonly log: { warn(message: string): void },
    pollMs: number,
    private readonly clock: Clock = systemClock,
  ) {
    this.loop = new Loop(
      () => this.step(),
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

  /** Publishes what is committed. @returns true when there may be more */
  async step(): Promise<boolean> {
    // A new session holds no locks, whatever the old one held.
    if (!this.connection.isOpen) this.shards = [];
    return this.connection.session(async (tx) => {
      if (this.shards.length === 0 || this.clock.now() - this.lockedAt > SHARES_MS) await this.takeShare(tx);
      if (this.shards.length === 0) return false;
      const rows = await this.store.outbox.unsent(tx, this.shards, BATCH);
      if (rows.length === 0) return false;
      await this.publish(tx, rows);
      return true;
    });
  }

  /** Holds no more than a fair share of the shards, so that relays that come later find work. */
  private async takeShare(tx: Tx): Promise<void> {
    const { shardLocks } = this.store;
    const share = Math.ceil(SHARDS / Math.max(1, await shardLocks.join(tx)));
    while (this.shards.length > share) await shardLocks.giveBack(tx, this.shards.pop()!);
    for (let shard = 0; shard < SHARDS && this.shards.length < share; shard++)
      if (!this.shards.includes(shard) && (await shardLocks.take(tx, shard))) this.shards.push(shard);
    this.lockedAt = this.clock.now();
  }

  private async publish(tx: Tx, rows: readonly OutboxRow[]): Promise<void> {
    const spans = rows.map((row) => sendSpan(row));
    try {
      await this.publisher.publish(
        rows.map((row, i) => ({ ...row, headers: { ...row.headers, traceparent: spans[i]!.traceparent } })),
      );
      for (const span of spans) span.end();
    } catch (error) {
      for (const span of spans) span.end(error);
      if (!(error instanceof PublishRefused)) throw error;
      await this.findRefused(tx, rows, error);
      return;
    }
    rows.forEach(({ topic, createdAt }, i) => {
      sentMessages.add({ messaging_destination_name: topic });
      outboxWait.observe({}, Math.max(0, Date.now() - createdAt.getTime()) / 1000, spans[i]!.traceparent);
    });
    await this.store.outbox.sent(tx, rows);
  }

  /** Sends in halves until the row that the broker refuses is alone, and sets it aside. */
  private async findRefused(tx: Tx, rows: readonly OutboxRow[], error: unknown): Promise<void> {
    if (rows.length === 1) {
      this.log.warn(`relay: set aside outbox row ${rows[0]!.id} of ${rows[0]!.key}: ${reasonOf(error)}`);
      await this.store.outbox.rejected(tx, rows[0]!, reasonOf(error));
      return;
    }
    const middle = rows.length >> 1;
    await this.publish(tx, rows.slice(0, middle));
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
