import { RareCounts } from '../rare-paths.js';
import { type Process, type Scheduler, Waits } from '../scheduler.js';

/** Rows by key, as they are committed. */
export class Table<Row> extends Map<string, Row> {
  constructor(readonly name: string) {
    super();
  }

  some(holds: (row: Row) => boolean): boolean {
    for (const row of this.values()) if (holds(row)) return true;
    return false;
  }
}

type AnyTable = Table<unknown>;

/** A committed change of one row. */
export interface Change {
  readonly table: string;
  readonly key: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** A transaction, or one statement in autocommit. */
export class Transaction {
  readonly writes = new Map<AnyTable, Map<string, unknown>>();
  readonly locks: string[] = [];
  isOver = false;
  /** The error of the first failed statement; every later one fails too. */
  failure: unknown;
  waitsFor: Transaction | undefined;
}

/** An error with the code of PostgreSQL. */
export class SqlError extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/**
 * The properties of PostgreSQL at READ COMMITTED that the services rely on: a statement sees committed rows and the writes
 * of its own transaction, row locks last until the end of the transaction, an insert waits for an uncommitted insert of
 * the same key, the transaction that closes a deadlock fails, and numbers are assigned before commit.
 */
export class MemoryDatabase {
  /** Incremented by every change that another session can notice. */
  version = 0;
  /** The database notices only later that the process of a session is dead. */
  readonly sessions = new Set<MemorySession>();
  private readonly rowLocks = new Map<string, Transaction>();
  private lastNumber = 0;

  /** @param onCommit is called after each commit that changed rows */
  constructor(
    readonly scheduler: Scheduler,
    readonly rare = new RareCounts(),
    private readonly onCommit: (changes: readonly Change[]) => void = () => undefined,
  ) {}

  execute<T>(transaction: Transaction, statement: (view: View) => T, view: View): T {
    if (transaction.isOver) throw transaction.failure ?? new SqlError('57P01', 'the session was ended');
    if (transaction.failure !== undefined) throw new SqlError('25P02', 'the transaction has failed');
    try {
      transaction.waitsFor = undefined;
      return statement(view);
    } catch (error) {
      if (!(error instanceof Waits)) transaction.failure = error;
      if (error instanceof SqlError) this.rare.add('a conflicting transaction repeated');
      throw error;
    }
  }

  commit(transaction: Transaction): void {
    if (transaction.isOver) throw new SqlError('57P01', 'the session was ended');
    if (transaction.failure !== undefined) {
      this.end(transaction);
      throw new Error('the transaction ended with ROLLBACK');
    }
    const changes: Change[] = [];
    for (const [table, rows] of transaction.writes)
      for (const [key, after] of rows) {
        changes.push({ table: table.name, key, before: table.get(key), after });
        if (after === undefined) table.delete(key);
        else table.set(key, after);
      }
    this.end(transaction);
    if (changes.length > 0) this.onCommit(changes);
  }

  /** Releases the locks, and drops the writes unless they are committed. */
  end(transaction: Transaction): void {
    transaction.isOver = true;
    if (transaction.locks.length > 0) this.version++;
    for (const lock of transaction.locks) this.rowLocks.delete(lock);
  }

  nextNumber(): string {
    return String(++this.lastNumber);
  }

  isLocked(name: string, by: Transaction): boolean {
    const owner = this.rowLocks.get(name);
    return owner !== undefined && owner !== by;
  }

  lock(name: string, transaction: Transaction): void {
    const owner = this.rowLocks.get(name);
    if (owner === transaction) return;
    if (owner === undefined) {
      this.rowLocks.set(name, transaction);
      transaction.locks.push(name);
      return;
    }
    for (let other: Transaction | undefined = owner; other; other = other.waitsFor)
      if (other === transaction) throw new SqlError('40P01', 'deadlock detected');
    transaction.waitsFor = owner;
    throw new Waits(() => owner.isOver);
  }
}

/** Runs statements, in a transaction or in autocommit. */
export interface Tx {
  readonly session: MemorySession;
  statement<T>(label: string, run: (view: View) => T): Promise<T>;
}

/** A session. Its transactions and advisory locks end with it. */
export class MemorySession implements Tx {
  readonly session = this;
  readonly transactions = new Set<Transaction>();
  readonly advisory = new Set<string>();
  isEnded = false;

  constructor(
    readonly process: Process,
    private readonly database: MemoryDatabase,
  ) {
    database.sessions.add(this);
  }

  begin(): Transaction {
    const transaction = new Transaction();
    if (this.isEnded) transaction.isOver = true;
    this.transactions.add(transaction);
    return transaction;
  }

  /** In autocommit. A failure of it is one of the connection. */
  async statement<T>(label: string, run: (view: View) => T): Promise<T> {
    const { database } = this;
    const transaction = this.begin();
    const view = new View(database, transaction);
    const execute = () => {
      const result = database.execute(transaction, run, view);
      database.commit(transaction);
      this.transactions.delete(transaction);
      return result;
    };
    try {
      return await database.scheduler.request(this.process, label, execute);
    } catch (error) {
      this.end();
      throw error;
    }
  }

  end(): void {
    this.isEnded = true;
    for (const transaction of this.transactions) if (!transaction.isOver) this.database.end(transaction);
    if (this.advisory.size > 0) this.database.version++;
    this.advisory.clear();
    this.database.sessions.delete(this);
  }
}

/** The reads and writes of one statement. It takes all locks before it writes, since a statement that waits is run again. */
export class View {
  private existing: Set<string> | undefined;

  constructor(
    private readonly database: MemoryDatabase,
    private readonly transaction: Transaction,
  ) {}

  get<Row>(table: Table<Row>, key: string): Row | undefined {
    const own = this.transaction.writes.get(table as AnyTable);
    return own?.has(key) ? (own.get(key) as Row | undefined) : table.get(key);
  }

  all<Row>(table: Table<Row>): [key: string, row: Row][] {
    const own = this.transaction.writes.get(table as AnyTable) as Map<string, Row | undefined> | undefined;
    if (!own) return [...table];
    const rows = new Map<string, Row | undefined>([...table, ...own]);
    return [...rows].filter((entry): entry is [string, Row] => entry[1] !== undefined);
  }

  /** FOR UPDATE: locks rows that existed when the statement began. @returns them as they are once locked */
  lock<Row>(table: Table<Row>, keys: Iterable<string>): Row[] {
    const sorted = [...new Set(keys)].sort();
    this.existing ??= new Set(sorted.filter((key) => this.get(table, key) !== undefined));
    const { existing } = this;
    const found = sorted.filter((key) => existing.has(key));
    this.lockAll(table, found);
    return found.flatMap((key) => this.get(table, key) ?? []);
  }

  /** SKIP LOCKED. */
  isFree(table: { readonly name: string }, key: string): boolean {
    return !this.database.isLocked(`${table.name}/${key}`, this.transaction);
  }

  /** ON CONFLICT DO NOTHING, in the order given. @returns the inserted keys */
  insertMissing<Row>(table: Table<Row>, rows: ReadonlyMap<string, Row>): string[] {
    const missing = [...rows.keys()].filter((key) => this.get(table, key) === undefined);
    this.lockAll(table, missing);
    const fresh = missing.filter((key) => this.get(table, key) === undefined);
    for (const key of fresh) this.put(table, key, rows.get(key)!);
    return fresh;
  }

  /** @throws SqlError 23505 when one of the keys exists */
  insert<Row>(table: Table<Row>, rows: ReadonlyMap<string, Row>): void {
    const fresh = this.insertMissing(table, rows);
    if (fresh.length < rows.size) throw new SqlError('23505', `duplicate key in ${table.name}`);
  }

  /** INSERT ... ON CONFLICT DO UPDATE. */
  upsert<Row>(table: Table<Row>, rows: ReadonlyMap<string, Row>): void {
    this.lockAll(table, rows.keys());
    for (const [key, row] of rows) this.put(table, key, row);
  }

  /** UPDATE of the rows that are there. @returns them as they are now */
  update<Row>(table: Table<Row>, keys: Iterable<string>, change: (row: Row, key: string) => Row): Row[] {
    const found = [...keys].filter((key) => this.get(table, key) !== undefined);
    this.lockAll(table, found);
    return found.flatMap((key) => {
      const row = this.get(table, key);
      return row === undefined ? [] : [this.put(table, key, change(row, key))];
    });
  }

  delete<Row>(table: Table<Row>, keys: Iterable<string>): void {
    const found = [...keys].filter((key) => this.get(table, key) !== undefined);
    this.lockAll(table, found);
    for (const key of found) this.put(table, key, undefined);
  }

  nextNumber(): string {
    return this.database.nextNumber();
  }

  private lockAll(table: { readonly name: string }, keys: Iterable<string>): void {
    for (const key of keys) this.database.lock(`${table.name}/${key}`, this.transaction);
  }

  /** @param row undefined deletes it */
  private put<Row, Written extends Row | undefined>(table: Table<Row>, key: string, row: Written): Written {
    const { writes } = this.transaction;
    let own = writes.get(table as AnyTable);
    if (!own) writes.set(table as AnyTable, (own = new Map()));
    own.set(key, row);
    return row;
  }
}
