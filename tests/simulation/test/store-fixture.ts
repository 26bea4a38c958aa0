import { randomUUID } from 'node:crypto';
import type { IncomingEvent, ParkedRecord, Retry, Store } from '@orderflow/durable';
import { type Add, eventOf } from '@orderflow/durable/test/counters';
import type { OutgoingRecord } from '@orderflow/kafka';

/** The database of one service, connected to two instances. */
export interface TwoInstances<Tx> {
  readonly one: Store<Tx>;
  readonly two: Store<Tx>;
  end(): Promise<void>;
}

/** What each test of a store is given anew. */
export interface Given<Tx> {
  one: Store<Tx>;
  two: Store<Tx>;
  sessions: Sessions;
}

export const incomingEvent = (subject: string = randomUUID(), over: Partial<IncomingEvent<Add>> = {}) =>
  eventOf({ subject, by: 1 }, over);

/** A retry of a row that has no copies. */
export const retryOf = ({ id, subject }: ParkedRecord): Retry => ({ parkedId: id, subject, eventId: randomUUID() });

export const record = (key: string, text: string): OutgoingRecord => ({
  topic: 'orders.events',
  key,
  value: Buffer.from(text),
  headers: { ce_id: text },
});

/** Opens transactions, and ends what is open when a test is over. */
export class Sessions {
  private readonly ends: (() => Promise<void>)[] = [];

  onEnd(end: () => Promise<void>): void {
    this.ends.push(end);
  }

  inTransaction<Tx, T>(store: Store<Tx>, work: (tx: Tx) => Promise<T>): Promise<T> {
    const connection = store.batches('instance');
    this.onEnd(() => connection.end());
    return connection.transaction(work);
  }

  /** A transaction that has done `work` and stays open until `commit` or `fail` is called. */
  async openTransaction<Tx, T>(store: Store<Tx>, work: (tx: Tx) => Promise<T>) {
    const [worked, ended] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const done = this.inTransaction(store, async (tx) => {
      const result = await work(tx);
      worked.resolve();
      await ended.promise;
      return result;
    });
    await Promise.race([worked.promise, done]);
    const commit = () => {
      ended.resolve();
      return done;
    };
    const fail = async () => {
      ended.reject(new Error('rolled back'));
      // It rejects with the error of the line above.
      await done.catch(() => undefined);
    };
    return { commit, fail };
  }

  async end(): Promise<void> {
    for (const end of this.ends) await end();
  }
}
