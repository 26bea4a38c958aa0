import {
  alone,
  type Beside,
  Connection,
  type OnProgress,
  readOn,
  type Rebuilt,
  type RebuildWords,
  type Sql,
  switchTables,
} from '@orderflow/durable';
import { HIGHEST, JournalComparison, LOWEST, type Transaction } from './journal-comparison.js';
import { JournalTables } from './journal-tables.js';
import { type RebuildParts, ShadowJournal } from './shadow-journal.js';
import { ShadowOrders } from './shadow-orders.js';

/** Builds the journal anew beside the live one, with what follows from it, compares the two, and switches (ADR 27). */
export class JournalRebuild {
  readonly table = 'journal';
  readonly words: RebuildWords = {
    compared: 'records, search terms and orders are in both tables',
    wrong: 'Live ones with another content, or without a record',
    lacking: 'Missing ones',
    kept: 'Taken from the live journal, since the topics do not hold them any more',
  };

  /** @param databaseUrl of the database of `parts`, for connections of its own */
  constructor(
    private readonly parts: RebuildParts,
    private readonly databaseUrl: string,
  ) {}

  /** See `Rebuild.run` of libs/durable. @throws StartError with one line for the operator */
  async run(beside: Beside, isDryRun: boolean, onProgress: OnProgress): Promise<Rebuilt> {
    return alone(this.table, this.open, async (connection) => {
      const tables = new JournalTables(beside);
      await connection.transaction((sql) => tables.prepare(sql));
      // Fills and folds, also while the transaction of the switch is open.
      const filling = this.open();
      try {
        return await new Run(tables, this.parts, connection, filling, onProgress).run(isDryRun);
      } finally {
        await filling.end();
      }
    });
  }

  /** Drops the tables that are not live. @returns their names */
  async drop(isDryRun: boolean): Promise<string[]> {
    return alone(this.table, this.open, async (connection) => {
      const dropped: string[] = [];
      for (const beside of ['rebuild', 'replaced'] as const) {
        const tables = new JournalTables(beside);
        await connection.transaction(async (sql) => {
          dropped.push(...(await tables.existing(sql)));
          if (!isDryRun) await tables.drop(sql);
        });
      }
      return dropped;
    });
  }

  // Statistics may be those of an empty table.
  private readonly open = (): Connection =>
    new Connection(this.databaseUrl, 'console rebuild', { enable_seqscan: 'off' });
}

class Run {
  private readonly journal: ShadowJournal;
  private readonly orders: ShadowOrders;
  private readonly comparison: JournalComparison;
  /** The live rows up to this position are in the other table. */
  private end = LOWEST;
  /** Orders that were folded again since all were compared. */
  private readonly changed = new Set<string>();

  constructor(
    private readonly tables: JournalTables,
    private readonly parts: RebuildParts,
    private readonly connection: Connection,
    filling: Connection,
    private readonly onProgress: OnProgress,
  ) {
    this.journal = new ShadowJournal(tables, filling, parts);
    this.orders = new ShadowOrders(tables, filling, parts.codec);
    this.comparison = new JournalComparison(tables, parts.prefix);
  }

  async run(isDryRun: boolean): Promise<Rebuilt> {
    await this.readOn((done, total) => this.onProgress('fill', done, total));
    await this.journal.forgetPruned();
    this.journal.changed.clear();
    const [orders, rows] = await this.sizes();
    await this.orders.foldAll((done) => this.onProgress('fold', done, Math.max(orders, done)));
    const onPage = () => this.onProgress('compare', this.comparison.rows, Math.max(rows, this.comparison.rows));
    const transaction: Transaction = (work) => this.connection.transaction(work);
    const compared = this.end;
    await this.comparison.positions(transaction, LOWEST, compared, onPage);
    await this.comparison.orders(transaction, onPage);
    if (isDryRun) return this.result(false);
    await this.readOn();
    await this.foldChanged();
    await this.comparison.positions(transaction, compared, this.end, onPage);
    this.onProgress('switch', 0, 1);
    await switchTables(this.connection, 'journal', {
      prepare: (sql) => this.prepareSwitch(sql),
      swap: (sql) => this.tables.swap(sql),
    });
    this.onProgress('switch', 1, 1);
    return this.result(true);
  }

  private readOn(onProgress?: (done: number, total: number) => void): Promise<void> {
    return readOn(() => this.readOnce(onProgress));
  }

  private async readOnce(onProgress?: (done: number, total: number) => void): Promise<number> {
    const { total, upTo } = await this.journal.catchUp(onProgress);
    await this.journal.keep(this.end, upTo);
    this.end = upTo;
    return total;
  }

  private async foldChanged(): Promise<void> {
    const changed = [...this.journal.changed];
    await this.orders.foldThese(changed);
    for (const subject of changed) {
      this.changed.add(subject);
      this.journal.changed.delete(subject);
    }
  }

  private async prepareSwitch(sql: Sql): Promise<void> {
    // The writer and the pruning lock this row first: from here to the commit the live tables do not change.
    const [live] = await sql.query<{ position: string }>('SELECT position FROM journal_end FOR UPDATE');
    await this.tables.demandSameShape(sql);
    const before = this.end;
    await this.readOnce();
    await this.foldChanged();
    const here: Transaction = (work) => work(sql);
    await this.comparison.positions(here, before, HIGHEST, () => undefined);
    await this.comparison.positions(here, LOWEST, '-1', () => undefined);
    await this.comparison.last(sql, [...new Set([...this.changed, ...this.comparison.ahead])]);
    await this.append(sql, live!.position);
    await this.tables.makeRoom(sql);
  }

  /** Records that the live journal lacks come last, so that a stream that goes on after a position has them. */
  private async append(sql: Sql, end: string): Promise<void> {
    const { journal, terms } = this.tables;
    await sql.query(`UPDATE journal_end SET position = position - (SELECT least(min(position), 0) FROM ${journal})`);
    for (const table of [terms, journal])
      await sql.query(`UPDATE ${table} SET position = $1::bigint - position WHERE position < 0`, [end]);
  }

  private async sizes(): Promise<[orders: number, rows: number]> {
    const rows = await this.parts.database.query<{ rows: number }>(
      `SELECT greatest(reltuples, 0)::float8 AS rows
       FROM unnest('{heads, journal, search_terms}'::text[]) WITH ORDINALITY AS named (name, nth)
       JOIN pg_class ON oid = ('public.' || name)::regclass ORDER BY nth`,
    );
    const [heads, journal, terms] = rows.map((row) => row.rows) as [number, number, number];
    return [heads, heads + journal + terms];
  }

  private result(isSwitched: boolean): Rebuilt {
    const { compared, checksums, kept, findings } = this.comparison;
    const { wrong, lacking, named } = findings;
    return { compared, checksums, wrong, lacking, named, kept, unexplained: [], isSwitched };
  }
}
