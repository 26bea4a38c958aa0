import { StartError } from '@orderflow/config';
import { type Beside, groupBeside, moveOffsets, ShadowTable, type Sql, swapTables } from '@orderflow/durable';
import { GROUP } from '../journal-consumer.js';

/** What stands for the first records that were read, among the consumed offsets. */
const FIRST = `${GROUP}.first`;

/** Tables beside the live ones: the records, and what follows from them. Each has the name of the live one. */
export class JournalTables {
  readonly journal: string;
  readonly heads: string;
  readonly terms: string;
  /** As whose offsets it is kept how far the topics were read. */
  readonly group: string;
  /** The same for the first record that was read of each partition: the topics held none before it. */
  readonly first: string;
  private readonly all: readonly ShadowTable[];

  constructor(readonly beside: Beside) {
    // In the order in which reads lock them.
    this.all = ['heads', 'search_terms', 'journal'].map((name) => new ShadowTable(name, beside));
    [this.heads, this.terms, this.journal] = this.all.map(({ name }) => name) as [string, string, string];
    this.group = groupBeside(GROUP, beside);
    this.first = groupBeside(FIRST, beside);
  }

  /** @throws StartError where there is nothing to go back to, or the tables cannot take the place of the live ones */
  async prepare(sql: Sql): Promise<void> {
    for (const table of this.all) await table.demandOwner(sql);
    if ((await this.existing(sql)).length < this.all.length) {
      if (this.beside === 'replaced') throw new StartError(`${this.journal} does not exist: no switch can be undone`);
      // Some may have been dropped by hand.
      await this.drop(sql);
      for (const table of this.all) await table.create(sql);
    }
    await this.demandSameShape(sql);
  }

  async demandSameShape(sql: Sql): Promise<void> {
    for (const table of this.all) await table.demandSameShape(sql);
  }

  /** @returns their names */
  async existing(sql: Sql): Promise<string[]> {
    const names: string[] = [];
    for (const table of this.all) if (await table.exists(sql)) names.push(table.name);
    return names;
  }

  async drop(sql: Sql): Promise<void> {
    for (const { name } of this.all) await sql.query(`DROP TABLE IF EXISTS ${name}`);
    await sql.query('DELETE FROM consumed_offsets WHERE consumer = ANY ($1::text[])', [[this.group, this.first]]);
  }

  /** The live tables get the place of an older switch. */
  async makeRoom(sql: Sql): Promise<void> {
    for (const table of this.all) await table.makeRoom(sql);
    const [table] = this.all;
    for (const consumer of [GROUP, FIRST]) await moveOffsets(sql, consumer, this.beside, table!.other);
  }

  swap(sql: Sql): Promise<void> {
    return swapTables(sql, this.all);
  }
}
