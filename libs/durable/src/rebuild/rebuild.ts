import { StartError } from '@orderflow/config';
import type { ServiceTypes } from '@orderflow/decider';
import type { ConsumerDefinition, ReadModel } from '../definition/service-definition.js';
import type { ConnectedDependencies } from '../runtime/connect.js';
import type { Connection } from '../store/database.js';
import type { Sql } from '../store/sql.js';
import { alone, switchTables } from './alone.js';
import { type Compared, Comparison } from './comparison.js';
import { Findings } from './findings.js';
import type { Pair } from './pair.js';
import { readOn } from './read-on.js';
import { groupBeside, moveOffsets, ShadowGroup } from './shadow-group.js';
import { type Beside, ShadowTable, swapTables } from './shadow-table.js';

export type Phase = 'fill' | 'fold' | 'compare' | 'switch';
/** `done` of `total` records, orders or rows. */
export type OnProgress = (phase: Phase, done: number, total: number) => void;

export interface Rebuilt {
  /** Rows that could be compared. */
  readonly compared: number;
  readonly checksums: readonly [live: bigint, rebuilt: bigint];
  /** Live rows with another content at the same version vector, and live rows that lack an event that was consumed. */
  readonly wrong: number;
  readonly lacking: number;
  /** The first of both. */
  readonly named: readonly Pair[];
  /** Rows of orders that the topics no longer hold from their beginning: taken from the live table as they are. */
  readonly kept: number;
  /** Those of them that were placed within a day, or have changed since: the topics should hold their events. */
  readonly unexplained: readonly string[];
  readonly isSwitched: boolean;
}

/** How the result of a rebuild is said. */
export interface RebuildWords {
  /** Follows the number of rows that were compared. */
  readonly compared: string;
  /** Each precedes the number of such rows. */
  readonly wrong: string;
  readonly lacking: string;
  readonly kept: string;
}

/** Builds the table of a read model anew beside the live one, compares the two, and switches (ADR 27). */
export class Rebuild<T extends ServiceTypes = ServiceTypes> {
  readonly table: string;
  readonly words: RebuildWords = {
    compared: 'rows have the same version vector in both tables',
    wrong: 'Live rows with another content',
    lacking: 'Live rows that lack a consumed event',
    kept: 'Taken from the live table, since the topics do not hold all of their events',
  };
  private readonly consumer: string;

  constructor(
    private readonly projection: ConsumerDefinition<T>,
    private readonly model: ReadModel<T>,
    private readonly dependencies: ConnectedDependencies,
  ) {
    this.table = model.table;
    this.consumer = projection.consumer;
  }

  /**
   * Goes on where an earlier run was ended.
   * @param beside `replaced` goes back to the table that was live before the last switch
   * @param isDryRun compares only; the table stays for the next run
   * @throws StartError with one line for the operator
   */
  async run(beside: Beside, isDryRun: boolean, onProgress: OnProgress): Promise<Rebuilt> {
    return this.alone(async (connection) => {
      const table = new ShadowTable(this.table, beside);
      await connection.transaction((sql) => this.prepare(sql, table));
      const group = new ShadowGroup<T>(this.projection, this.model, table, this.dependencies);
      try {
        const fill = (done: number, total: number) => onProgress('fill', done, total);
        await readOn(() => group.catchUp(fill));
        // From here on each row that changes is looked at again under the lock of the switch.
        group.noteSubjects();
        const parked = await this.parkedSubjects();
        const tally = new Tally();
        const comparison = new Comparison(this.model, table.name, this.consumer);
        await this.compareAll(connection, comparison, table, tally, onProgress);
        if (isDryRun) return tally.result(false);
        await readOn(() => group.catchUp());
        onProgress('switch', 0, 1);
        const last = await switchTables(connection, this.table, {
          prepare: async (sql) => {
            // Lets reads pass and holds up the batches of the projection, each at its first statement.
            await sql.query(`LOCK TABLE public.${this.table} IN EXCLUSIVE MODE`);
            await table.demandSameShape(sql);
            await group.catchUp();
            const changed = [...new Set([...group.subjects, ...tally.ahead, ...parked])];
            const found = [await comparison.of(sql, changed), await comparison.keepAhead(sql, changed)] as const;
            await table.makeRoom(sql);
            await moveOffsets(sql, this.consumer, table.beside, table.other);
            return found;
          },
          swap: (sql) => swapTables(sql, [table]),
        });
        tally.finish(...last);
        onProgress('switch', 1, 1);
        return tally.result(true);
      } finally {
        await group.end();
      }
    });
  }

  /** Drops the tables that are not live. @returns their names */
  async drop(isDryRun: boolean): Promise<string[]> {
    return this.alone(async (connection) => {
      const dropped: string[] = [];
      for (const beside of ['rebuild', 'replaced'] as const) {
        const table = new ShadowTable(this.table, beside);
        await connection.transaction(async (sql) => {
          if (!(await table.exists(sql))) return;
          dropped.push(table.name);
          if (isDryRun) return;
          await sql.query(`DROP TABLE ${table.name}`);
          await this.forgetOffsets(sql, beside);
        });
      }
      return dropped;
    });
  }

  private async prepare(sql: Sql, table: ShadowTable): Promise<void> {
    await table.demandOwner(sql);
    const exists = await table.exists(sql);
    if (!exists && table.beside === 'replaced')
      throw new StartError(`${table.name} does not exist: no switch can be undone`);
    if (!exists) {
      await table.create(sql);
      // A table that was dropped by hand has left its offsets behind.
      await this.forgetOffsets(sql, table.beside);
    }
    await table.demandSameShape(sql);
  }

  private async forgetOffsets(sql: Sql, beside: Beside): Promise<void> {
    await sql.query('DELETE FROM consumed_offsets WHERE consumer = $1', [groupBeside(this.consumer, beside)]);
  }

  private async compareAll(
    connection: Connection,
    comparison: Comparison,
    table: ShadowTable,
    tally: Tally,
    onProgress: OnProgress,
  ): Promise<void> {
    await connection.session((sql) => sql.query(`ANALYZE ${table.name}`));
    const [rows] = await connection.session((sql) =>
      sql.query<{ total: number }>('SELECT reltuples::float8 AS total FROM pg_class WHERE oid = $1::regclass', [
        table.name,
      ]),
    );
    await comparison.pages(
      (work) => connection.transaction(work),
      (page, kept) => {
        tally.add(page, kept);
        onProgress('compare', tally.rows, Math.max(rows!.total, tally.rows));
      },
    );
  }

  private async parkedSubjects(): Promise<string[]> {
    const rows = await this.dependencies.store.database.query<{ subject: string }>(
      `SELECT DISTINCT lower(subject) AS subject FROM parked WHERE consumer = $1
       AND lower(subject) ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'`,
      [this.consumer],
    );
    return rows.map(({ subject }) => subject);
  }

  private alone<R>(work: (connection: Connection) => Promise<R>): Promise<R> {
    return alone(this.table, () => this.dependencies.store.batches(`${this.consumer} rebuild`), work);
  }
}

/** What the comparisons have found so far. */
class Tally {
  rows = 0;
  /** Keys of the rows in which the live table was ahead. */
  readonly ahead: string[] = [];
  private readonly findings = new Findings();
  private kept = 0;
  private checksums: [live: bigint, rebuilt: bigint] = [0n, 0n];
  private compared = 0;
  private unexplained: readonly string[] = [];

  add(page: Compared, kept: number): void {
    this.rows += page.equal + page.wrong + page.lacking + page.parked + page.ahead;
    this.compared += page.equal + page.wrong;
    this.kept += kept;
    this.checksums = [this.checksums[0] ^ page.checksums[0], this.checksums[1] ^ page.checksums[1]];
    for (const { key } of page.unequal.ahead) this.ahead.push(key);
    this.name(page);
  }

  /** The rows that have changed since they were compared, and how many of them were kept. */
  finish(changed: Compared, kept: number): void {
    this.name(changed);
    this.kept += kept;
    this.unexplained = changed.unequal.ahead.map(({ key }) => key);
  }

  result(isSwitched: boolean): Rebuilt {
    const { compared, checksums, kept, unexplained } = this;
    const { wrong, lacking, named } = this.findings;
    return { compared, checksums, wrong, lacking, named, kept, unexplained, isSwitched };
  }

  private name({ unequal }: Compared): void {
    this.findings.add('wrong', unequal.wrong);
    this.findings.add('lacking', unequal.lacking);
  }
}
