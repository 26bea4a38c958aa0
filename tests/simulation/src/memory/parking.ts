import type { Service } from '@orderflow/contracts';
import {
  CLAIM_SECONDS,
  deadLetterOf,
  inboxId,
  MAX_ATTEMPTS,
  type ParkedRecord,
  type ParkingTable,
  type Retry,
  type ToPark,
} from '@orderflow/durable';
import type { OutgoingRecord, RawRecord } from '@orderflow/kafka';
import type { Table, Tx } from './database.js';

export interface ParkedRow {
  readonly id: string;
  readonly consumer: string;
  readonly subject: string;
  readonly eventId: string;
  readonly record: RawRecord;
  readonly attempts: number;
  readonly nextAttemptAt: number;
  readonly isDead: boolean;
  readonly parkedAt: Date;
}

const BACKOFF_MS = 500;

export class MemoryParking implements ParkingTable<Tx> {
  constructor(
    private readonly rows: Table<ParkedRow>,
    private readonly now: () => number,
    private readonly service: Service,
    private readonly consumer: string,
    private readonly topicPrefix: string,
  ) {}

  async holds(tx: Tx, subjects: readonly string[]): Promise<Set<string>> {
    if (subjects.length === 0) return new Set();
    return tx.statement('read parked subjects', (view) => {
      const parked = view.all(this.rows).filter(([, { consumer }]) => consumer === this.consumer);
      return new Set(parked.flatMap(([, { subject }]) => (subjects.includes(subject) ? [subject] : [])));
    });
  }

  async take(tx: Tx, retries: readonly Retry[]): Promise<ReadonlyMap<string, string>> {
    if (retries.length === 0) return new Map();
    const isCopy = ({ consumer, subject, eventId }: ParkedRow) =>
      consumer === this.consumer && retries.some((retry) => retry.subject === subject && retry.eventId === eventId);
    const rows = await tx.statement('lock parked records', (view) => {
      const copies = view.all(this.rows).flatMap(([id, row]) => (isCopy(row) ? [id] : []));
      const ids = new Set([...retries.map(({ parkedId }) => parkedId), ...copies]);
      return view.lock(this.rows, [...ids]);
    });
    return new Map(rows.map((row) => [row.id, row.eventId]));
  }

  async park(tx: Tx, parked: readonly ToPark[]): Promise<void> {
    if (parked.length === 0) return;
    await tx.statement('park', (view) => {
      const rows = parked.map(({ incoming }) => {
        const id = view.nextNumber();
        const { subject, record } = incoming;
        const known = { id, consumer: this.consumer, subject, eventId: inboxId(incoming), record };
        return [
          id,
          { ...known, attempts: 0, nextAttemptAt: this.now(), isDead: false, parkedAt: new Date(this.now()) },
        ] as const;
      });
      view.insert(this.rows, new Map(rows));
    });
  }

  async unpark(tx: Tx, ids: readonly string[]): Promise<void> {
    if (ids.length > 0) await tx.statement('unpark', (view) => view.delete(this.rows, ids));
  }

  async failedAgain(tx: Tx, failed: readonly ToPark[]): Promise<OutgoingRecord[]> {
    if (failed.length === 0) return [];
    const byId = new Map(failed.map((one) => [one.incoming.parkedId!, one]));
    const rows = await tx.statement('count failed attempts', (view) =>
      view.update(this.rows, byId.keys(), (row, id) => {
        const { incoming } = byId.get(id)!;
        const attempts = row.attempts + 1;
        const eventId = incoming.kind === 'event' ? inboxId(incoming) : row.eventId;
        const nextAttemptAt = this.now() + BACKOFF_MS * 2 ** attempts;
        return { ...row, eventId, attempts, nextAttemptAt, isDead: attempts >= MAX_ATTEMPTS };
      }),
    );
    return rows
      .filter(({ attempts }) => attempts === MAX_ATTEMPTS)
      .map(({ id, parkedAt }) => {
        const { incoming, reason } = byId.get(id)!;
        const row = { id, parkedAt, failedAt: new Date(this.now()) };
        return deadLetterOf(this.service, this.consumer, this.topicPrefix, incoming, reason, row);
      });
  }

  async due(tx: Tx, limit: number): Promise<ParkedRecord[]> {
    return tx.statement('claim due parked records', (view) => {
      const heads = new Map<string, ParkedRow>();
      for (const [, row] of view.all(this.rows)) {
        const head = heads.get(row.subject);
        if (row.consumer === this.consumer && (!head || Number(row.id) < Number(head.id))) heads.set(row.subject, row);
      }
      const due = [...heads.values()]
        .filter(({ nextAttemptAt, isDead }) => nextAttemptAt <= this.now() && !isDead)
        .sort((a, b) => a.nextAttemptAt - b.nextAttemptAt || Number(a.id) - Number(b.id))
        .slice(0, limit);
      const nextAttemptAt = this.now() + CLAIM_SECONDS * 1000;
      view.update(
        this.rows,
        due.map(({ id }) => id),
        (row) => ({ ...row, nextAttemptAt }),
      );
      return due.sort((a, b) => Number(a.id) - Number(b.id));
    });
  }

  async putBack(tx: Tx, ids: readonly string[]): Promise<void> {
    const nextAttemptAt = this.now() + 1000;
    await tx.statement('put back parked records', (view) =>
      view.update(this.rows, ids, (row) => ({ ...row, nextAttemptAt })),
    );
  }

  /** Heads are found anew each time. */
  async wake(): Promise<void> {
    await Promise.resolve();
  }
}
