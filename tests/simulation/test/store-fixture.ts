import { randomUUID } from 'node:crypto';
import type { IncomingEvent, ParkedRecord, Retry, Store, UndecodableRecord } from '@orderflow/durable';
import type { OutgoingRecord } from '@orderflow/kafka';

/** The database of one service, connected to two instances. */
export interface TwoInstances<Tx> {
  readonly one: Store<Tx>;
  readonly two: Store<Tx>;
  end(): Promise<void>;
}

export const context = (id: string = randomUUID()) => ({
  id,
  correlationId: 'request',
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00',
  at: new Date(),
});

export const incomingEvent = (
  subject: string = randomUUID(),
  over: Partial<IncomingEvent<unknown>> = {},
): IncomingEvent<unknown> => ({
  kind: 'event',
  command: {},
  context: context(),
  subject,
  record: {
    topic: 'orders.events',
    partition: 0,
    offset: '0',
    timestamp: new Date(),
    key: Buffer.from(subject),
    value: Buffer.from(subject),
    headers: {},
  },
  ...over,
});

export const undecodable = (subject: string = randomUUID()): UndecodableRecord => ({
  kind: 'undecodable',
  subject,
  record: incomingEvent(subject).record,
  why: 'undecodable',
  reason: 'no Avro',
});

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
      await done.catch(() => undefined);
    };
    return { commit, fail };
  }

  async end(): Promise<void> {
    for (const end of this.ends) await end();
  }
}
