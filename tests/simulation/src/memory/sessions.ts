import type { Session, Transactions } from '@orderflow/durable';
import type { Process, Scheduler } from '../scheduler.js';
import { type MemoryDatabase, Transaction, View } from './database.js';

/** Runs statements, in a transaction or in autocommit. */
export interface Tx {
  readonly session: MemorySession;
  statement<T>(label: string, run: (view: View) => T): Promise<T>;
}

/** The server of one database. */
export class MemoryServer {
  /** The server notices only later that the process of a session is dead. */
  readonly sessions = new Set<MemorySession>();

  constructor(
    readonly database: MemoryDatabase,
    readonly scheduler: Scheduler,
  ) {}
}

/** A session. Its transactions and advisory locks end with it. */
export class MemorySession {
  readonly transactions = new Set<Transaction>();
  readonly advisory = new Set<string>();
  isEnded = false;

  constructor(
    readonly process: Process,
    private readonly server: MemoryServer,
  ) {
    server.sessions.add(this);
  }

  begin(): Transaction {
    const transaction = new Transaction();
    if (this.isEnded) transaction.isOver = true;
    this.transactions.add(transaction);
    return transaction;
  }

  end(): void {
    this.isEnded = true;
    for (const transaction of this.transactions) if (!transaction.isOver) this.server.database.end(transaction);
    if (this.advisory.size > 0) this.server.database.version++;
    this.advisory.clear();
    this.server.sessions.delete(this);
  }
}

/** Statements in autocommit. */
export class Statements implements Tx {
  constructor(
    private readonly server: MemoryServer,
    readonly session: MemorySession,
  ) {}

  statement<T>(label: string, run: (view: View) => T): Promise<T> {
    const { database, scheduler } = this.server;
    const transaction = this.session.begin();
    const view = new View(database, transaction);
    return scheduler.request(this.session.process, label, () => {
      const result = database.execute(transaction, run, view);
      database.commit(transaction);
      this.session.transactions.delete(transaction);
      return result;
    });
  }
}

/** Statements of one transaction. Concurrent ones run in the order in which they were started. */
class InTransaction implements Tx {
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly server: MemoryServer,
    readonly session: MemorySession,
    private readonly transaction: Transaction,
  ) {}

  statement<T>(label: string, run: (view: View) => T): Promise<T> {
    const { database, scheduler } = this.server;
    const view = new View(database, this.transaction);
    const done = this.last.then(() =>
      scheduler.request(this.session.process, label, () => database.execute(this.transaction, run, view)),
    );
    // The caller gets the error; the next statement finds the transaction failed.
    this.last = done.catch(() => undefined);
    return done;
  }
}

/** As `Connection` of libs/durable: dropped after any failure and opened again on next use. */
export class MemoryConnection implements Transactions<Tx>, Session<Tx> {
  private current: MemorySession | undefined;

  constructor(
    private readonly server: MemoryServer,
    private readonly process: Process,
  ) {}

  async transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    const { database, scheduler } = this.server;
    return this.use(async (session) => {
      const transaction = session.begin();
      const result = await work(new InTransaction(this.server, session, transaction));
      await scheduler.request(this.process, 'COMMIT', () => database.commit(transaction));
      session.transactions.delete(transaction);
      return result;
    });
  }

  async session<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.use((session) => work(new Statements(this.server, session)));
  }

  get isOpen(): boolean {
    return this.current !== undefined && !this.current.isEnded;
  }

  async end(): Promise<void> {
    this.current?.end();
    this.current = undefined;
  }

  private async use<T>(work: (session: MemorySession) => Promise<T>): Promise<T> {
    if (this.current?.isEnded) this.current = undefined;
    const session = (this.current ??= new MemorySession(this.process, this.server));
    try {
      return await work(session);
    } catch (error) {
      session.end();
      throw error;
    }
  }
}
