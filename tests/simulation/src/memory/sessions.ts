import type { Session, Transactions } from '@orderflow/durable';
import type { Process } from '../scheduler.js';
import { type MemoryDatabase, MemorySession, type Transaction, type Tx, View } from './database.js';

/** Runs statements of one transaction in the order in which they were started. */
function inTransaction(database: MemoryDatabase, session: MemorySession, transaction: Transaction): Tx {
  let last: Promise<unknown> = Promise.resolve();
  return {
    session,
    statement(label, run) {
      const view = new View(database, transaction);
      const execute = () => database.execute(transaction, run, view);
      const done = last.then(() => database.scheduler.request(session.process, label, execute));
      // The caller gets the error; the next statement finds the transaction failed.
      last = done.catch(() => undefined);
      return done;
    },
  };
}

/** As `Connection` of libs/durable: dropped after any failure and opened again on next use. */
export class MemoryConnection implements Transactions<Tx>, Session<Tx> {
  private current: MemorySession | undefined;

  constructor(
    private readonly database: MemoryDatabase,
    private readonly process: Process,
  ) {}

  async transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    const { database, process } = this;
    return this.session(async (session) => {
      const transaction = session.begin();
      const result = await work(inTransaction(database, session, transaction));
      await database.scheduler.request(process, 'COMMIT', () => database.commit(transaction));
      session.transactions.delete(transaction);
      return result;
    });
  }

  async session<T>(work: (session: MemorySession) => Promise<T>): Promise<T> {
    if (this.current?.isEnded) this.current = undefined;
    const session = (this.current ??= new MemorySession(this.process, this.database));
    try {
      return await work(session);
    } catch (error) {
      session.end();
      throw error;
    }
  }

  get isOpen(): boolean {
    return this.current !== undefined && !this.current.isEnded;
  }

  async end(): Promise<void> {
    this.current?.end();
    this.current = undefined;
  }
}
