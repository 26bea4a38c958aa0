import { LEASE_MS } from '@orderflow/durable';
import type { Attempt, CallTable, Failure, PendingCall, SettledCall } from '@orderflow/durable';
import { Table, type Tx } from './database.js';
import type { Now } from './tables.js';

interface CallRow extends PendingCall {
  readonly nextAttemptAt: number;
  readonly waitsFor: Failure['waitsFor'];
  readonly isLeased: boolean;
  readonly refusals: number;
  readonly isDead: boolean;
}

export class MemoryCalls implements CallTable<Tx> {
  readonly rows = new Table<CallRow>('external_calls');

  constructor(private readonly now: Now) {}

  async add(tx: Tx, calls: readonly PendingCall[]): Promise<void> {
    if (calls.length === 0) return;
    await tx.statement('add external calls', (view) => {
      const nextAttemptAt = this.now() + LEASE_MS;
      const rows = calls.map(
        ({ key, kind, subject, request, context: { id, correlationId, traceparent, tracestate } }) => {
          const context = { id, correlationId, traceparent, tracestate };
          return [
            key,
            {
              key,
              kind,
              subject,
              request,
              context,
              attempts: 1,
              nextAttemptAt,
              deferredSince: null,
              waitsFor: undefined,
              isLeased: true,
              refusals: 0,
              isDead: false,
            },
          ] as const;
        },
      );
      view.insertMissing(this.rows, new Map(rows));
    });
  }

  async claim(tx: Tx, kinds: readonly string[], limit: number): Promise<PendingCall[]> {
    return tx.statement('claim calls', (view) => {
      const isDue = ([key, row]: [string, CallRow]) =>
        !row.isDead && row.nextAttemptAt <= this.now() && kinds.includes(row.kind) && view.isFree(this.rows, key);
      const due = view.all(this.rows).filter(isDue);
      const oldest = due.sort(([, a], [, b]) => a.nextAttemptAt - b.nextAttemptAt).slice(0, limit);
      const nextAttemptAt = this.now() + LEASE_MS;
      const keys = oldest.map(([key]) => key);
      return view.update(this.rows, keys, (row) => ({
        ...row,
        attempts: row.attempts + 1,
        isLeased: true,
        nextAttemptAt,
      }));
    });
  }

  async renew(tx: Tx, attempts: readonly Attempt[]): Promise<string[]> {
    if (attempts.length === 0) return [];
    return tx.statement('renew leases', (view) => {
      const nextAttemptAt = this.now() + LEASE_MS;
      const isOurs = (attempt: Attempt) => {
        const row = view.get(this.rows, attempt.key);
        return row?.attempts === attempt.attempts && !row.isDead && row.nextAttemptAt <= nextAttemptAt;
      };
      const keys = attempts.filter(isOurs).map(({ key }) => key);
      view.update(this.rows, keys, (row) => ({ ...row, nextAttemptAt }));
      return keys;
    });
  }

  async release(tx: Tx, attempts: readonly Attempt[]): Promise<void> {
    if (attempts.length === 0) return;
    await tx.statement('release calls', (view) => {
      const isOurs = ({ key, attempts }: Attempt) => view.get(this.rows, key)?.attempts === attempts;
      const keys = attempts.filter(isOurs).map(({ key }) => key);
      view.update(this.rows, keys, (row) => ({ ...row, isLeased: false, nextAttemptAt: this.now() }));
    });
  }

  async retryIn(tx: Tx, { key, attempts }: Attempt, delayMs: number, failure: Failure): Promise<boolean> {
    const { waitsFor, mostRefusals } = failure;
    return tx.statement('schedule the next attempt', (view) => {
      view.update(this.rows, [key], (row) => {
        if (row.attempts !== attempts) return row;
        const deferredSince =
          waitsFor === 'other-side' ? (row.deferredSince ?? new Date(this.now())) : row.deferredSince;
        const refusals = row.refusals + (mostRefusals === undefined ? 0 : 1);
        const isDead = mostRefusals !== undefined && refusals >= mostRefusals;
        const nextAttemptAt = this.now() + delayMs;
        return { ...row, nextAttemptAt, deferredSince, waitsFor, isLeased: false, refusals, isDead };
      });
      return view.get(this.rows, key)?.isDead ?? false;
    });
  }

  async answered(tx: Tx, keys: readonly string[]): Promise<void> {
    if (keys.length > 0) await tx.statement('delete answered calls', (view) => view.delete(this.rows, keys));
  }

  async open(tx: Tx, keys: readonly string[]): Promise<Set<string>> {
    if (keys.length === 0) return new Set();
    return tx.statement('lock open calls', (view) => {
      const isOpen = (row: CallRow | undefined) => row && (row.isDead || (row.waitsFor !== undefined && !row.isLeased));
      const open = keys.filter((key) => isOpen(view.get(this.rows, key)));
      view.update(this.rows, open, (row) => row);
      return new Set(open);
    });
  }

  async settled(tx: Tx, settlements: readonly SettledCall[]): Promise<void> {
    const keys = settlements.map(({ key }) => key);
    if (keys.length > 0) await tx.statement('delete settled calls', (view) => view.delete(this.rows, keys));
  }
}
