import type { Service } from '@orderflow/contracts';
import { type Appended, PublishRefused } from '@orderflow/kafka';
import { type OpenSpan, startSpan } from '@orderflow/telemetry';
import { reasonOf } from '../base/failures.js';
import { Loop } from '../base/loop.js';
import { outboxWait, sentMessages } from '../base/metrics.js';
import { subjectAttribute } from '../base/subject-names.js';
import type { Dependencies } from '../definition/dependencies.js';
import type { Sql } from '../store/sql.js';
import type { Session } from '../store/store.js';
import { type OutboxRow, SHARDS } from './outbox.js';

const BATCH = 500;
const REBALANCE_MS = 1_000;
// The broker has had its time to restart or to elect a leader: another instance may reach it.
const GIVE_UP_MS = 10_000;

/**
 * Publishes the outbox. It knows rows and topics only. Each shard has one active relay at a time, by a lock of the relay's
 * session. It publishes with one request in flight and deletes acknowledged rows; after any failure in between the rows are
 * sent again with the same ids, and the inboxes drop them. It keeps its shards while the broker is away for a moment.
 */
export class Relay<Tx = Sql> extends Loop {
  private readonly session: Session<Tx>;
  private shards: number[] = [];
  private lockedAt = 0;
  /** The first of the failures since the last success. */
  private failingSince: number | undefined;

  constructor(
    service: Service,
    private readonly dependencies: Pick<
      Dependencies<Tx>,
      'store' | 'broker' | 'ownLogs' | 'clock' | 'log' | 'settings'
    >,
  ) {
    super('relay', dependencies.settings.outboxPollMs, dependencies);
    this.session = dependencies.store.session(`${service} relay`);
  }

  override async stop(): Promise<void> {
    await super.stop();
    await this.session.end();
  }

  /** Publishes committed rows. @returns true when there may be more */
  override async step(): Promise<boolean> {
    const { store, clock, ownLogs } = this.dependencies;
    // A new session holds no locks.
    // guard: a new session of the relay holds no lock of the old one
    if (!this.session.isOpen) this.shards = [];
    return this.session.session(async (tx) => {
      if (this.shards.length === 0 || clock.elapsed() - this.lockedAt > REBALANCE_MS) await this.rebalance(tx);
      if (this.shards.length === 0) return false;
      // guard: nothing is published to a log that has lost records
      if (ownLogs && !(await ownLogs.whole())) return false;
      const rows = await store.outbox.unsent(tx, this.shards, BATCH);
      if (rows.length === 0) return false;
      const isSent = await this.publish(tx, rows);
      // Rows that this process has committed since then have poked the relay.
      return !isSent || !rows.at(-1)!.isLast;
    });
  }

  /** Holds at most a fair part of the shards, so that relays that start later find work. */
  private async rebalance(tx: Tx): Promise<void> {
    const { store, clock } = this.dependencies;
    const { relays, held } = await store.shardLocks.join(tx);
    const taken = this.shards.toSorted((a, b) => a - b).join();
    // A pooler in transaction mode moves the session to another server process, or gives its process to another relay.
    // guard: a relay works on no shard whose lock its session does not hold
    if (held.join() !== taken) {
      await this.session.end();
      throw new Error(lostLocks(taken, held.join()));
    }
    const fair = Math.ceil(SHARDS / Math.max(1, relays));
    while (this.shards.length > fair) await store.shardLocks.giveBack(tx, this.shards.pop()!);
    for (let shard = 0; shard < SHARDS && this.shards.length < fair; shard++)
      if (!this.shards.includes(shard) && (await store.shardLocks.take(tx, shard))) this.shards.push(shard);
    this.lockedAt = clock.elapsed();
  }

  /** @returns whether all of them are sent, or else must be read again */
  private async publish(tx: Tx, rows: readonly OutboxRow[]): Promise<boolean> {
    const { broker, clock, store, ownLogs } = this.dependencies;
    const spans = rows.map((row) => sendSpan(row, clock.now()));
    let batches: readonly Appended[];
    try {
      // guard: the relay deletes only what was acknowledged
      batches = await broker.publish(
        rows.map((row, i) => ({ ...row, headers: { ...row.headers, traceparent: spans[i]!.traceparent } })),
      );
      // Nothing stands between the two: an error there would send these rows again and again.
      // guard: acknowledged rows are deleted before anything else can fail
      await store.outbox.sent(tx, rows);
    } catch (error) {
      for (const span of spans) span.end(error);
      ownLogs?.suspect();
      // guard: a row that the broker refuses is rejected, and the others are sent
      if (!(error instanceof PublishRefused)) {
        await this.failed();
        throw error;
      }
      await this.findRefused(tx, rows, error);
      return false;
    }
    this.failingSince = undefined;
    for (const span of spans) span.end();
    await ownLogs?.acknowledged(batches);
    rows.forEach(({ topic, createdAt }, i) => {
      sentMessages.add({ messaging_destination_name: topic });
      outboxWait.observe({}, Math.max(0, clock.now() - createdAt.getTime()) / 1000, spans[i]!.traceparent);
    });
    return true;
  }

  private async failed(): Promise<void> {
    const now = this.dependencies.clock.elapsed();
    this.failingSince ??= now;
    // guard: a relay that cannot publish leaves its shards to others
    if (now - this.failingSince >= GIVE_UP_MS) await this.session.end();
  }

  /** Sends in halves until the row that the broker refuses is alone, and rejects it. */
  private async findRefused(tx: Tx, rows: readonly OutboxRow[], error: unknown): Promise<void> {
    const [row] = rows;
    if (rows.length === 1) {
      this.dependencies.log.warn({ outboxId: row!.id, key: row!.key, reason: reasonOf(error) }, 'outbox row rejected');
      await this.dependencies.store.outbox.rejected(tx, row!, reasonOf(error));
      return;
    }
    const middle = rows.length >> 1;
    await this.publish(tx, rows.slice(0, middle));
    // The second half is not sent but read again: later rows of a key that was just rejected must wait.
  }
}

const lostLocks = (taken: string, held: string): string =>
  `the session has taken the locks of the shards [${taken}] and holds [${held}]; behind a pooler set pool_mode = session`;

const sendSpan = (row: OutboxRow, now: number): OpenSpan =>
  startSpan(`send ${row.topic}`, {
    kind: 'producer',
    traceparent: row.headers['traceparent'],
    tracestate: row.headers['tracestate'],
    // From the commit on: the time in the outbox is part of the span.
    startTime: row.createdAt,
    attributes: () => ({
      'messaging.system': 'kafka',
      'messaging.operation.type': 'send',
      'messaging.destination.name': row.topic,
      'messaging.kafka.message.key': row.key,
      'messaging.message.id': row.headers['ce_id'] ?? '',
      'cloudevents.event_type': row.headers['ce_type'] ?? '',
      ...subjectAttribute(row.headers['ce_type'], row.key),
      'orderflow.outbox.wait_ms': now - row.createdAt.getTime(),
    }),
  });
