import type { ReadModel } from '../definition/service-definition.js';
import { NO_ORDER } from '../recovery/kept-events.js';
import type { Sql } from '../store/sql.js';
import { compareTables, endOfPage, type Judged } from './compare-tables.js';
import type { Pair } from './pair.js';

/** The topics hold every event at least that long: an older order may have lost its first ones. */
const HELD = '1 day';

/**
 * - `equal`, `wrong`: both rows have the same version vector, and the same content or not.
 * - `lacking`: the live row lacks an event that its group has consumed.
 * - `parked`: the same, and the event is parked.
 * - `ahead`: the live row has an event that the other one lacks: it comes with the next records, or the topics hold it no more.
 */
type Verdict = 'equal' | 'wrong' | 'lacking' | 'parked' | 'ahead';

export interface Compared extends Readonly<Record<Verdict, number>> {
  /** Of the rows with equal version vectors: the hashes of each side, combined. */
  readonly checksums: readonly [live: bigint, rebuilt: bigint];
  /** Every pair that is not equal. */
  readonly unequal: Readonly<Record<Exclude<Verdict, 'equal'>, readonly Pair[]>>;
}

/** The live table of a read model beside another one. Each method sees both at one moment. */
export class Comparison {
  private readonly live: string;
  private readonly isLiveAhead: string;
  private readonly isLacking: string;

  /** @param other with its schema */
  constructor(
    private readonly model: Pick<ReadModel, 'table' | 'key' | 'versions' | 'since'>,
    private readonly other: string,
    private readonly consumer: string,
  ) {
    const { table, key, versions } = model;
    const isAhead = (one: string, two: string) =>
      `(${two}.${key} IS NULL OR ${versions.map((column) => `${one}.${column} > ${two}.${column}`).join(' OR ')})`;
    this.live = `public.${table}`;
    this.isLiveAhead = `(live.${key} IS NOT NULL AND ${isAhead('live', 'rebuilt')})`;
    this.isLacking = isAhead('rebuilt', 'live');
  }

  /**
   * All rows of both tables, page by page. Rows of old orders that the topics no longer hold are copied from the live table.
   * @param onPage called with each page, and with the number of rows that were copied
   */
  async pages(transaction: Transaction, onPage: (page: Compared, kept: number) => void): Promise<void> {
    for (let after = NO_ORDER; ;) {
      const { key, since } = this.model;
      const tables = { live: this.live, rebuilt: this.other, key: [key] };
      const upTo = await transaction((sql) => endOfPage(sql, tables, 'uuid', after));
      if (upTo === undefined) return;
      const range = `${key} > $1::uuid AND ${key} <= $2::uuid`;
      const isOld = `${range} AND ${since} < now() - interval '${HELD}'`;
      const [kept, page] = await transaction(async (sql) => [
        await this.keep(sql, isOld, [after, upTo]),
        await this.compare(sql, range, [after, upTo]),
      ]);
      onPage(page, kept);
      after = upTo;
    }
  }

  /** The rows with these keys. */
  of(sql: Sql, keys: readonly string[]): Promise<Compared> {
    return this.compare(sql, `${this.model.key} = ANY ($1::uuid[])`, [keys]);
  }

  /** Copies the rows with these keys from the live table where it is ahead. @returns how many */
  keepAhead(sql: Sql, keys: readonly string[]): Promise<number> {
    return this.keep(sql, `${this.model.key} = ANY ($1::uuid[])`, [keys]);
  }

  private async keep(sql: Sql, filter: string, values: readonly unknown[]): Promise<number> {
    const { key } = this.model;
    const live = `(SELECT * FROM ${this.live} WHERE ${filter}) live`;
    await sql.query(
      `DELETE FROM ${this.other} rebuilt USING ${live} WHERE live.${key} = rebuilt.${key} AND ${this.isLiveAhead}`,
      values,
    );
    const rows = await sql.query(
      `INSERT INTO ${this.other} SELECT live.* FROM ${live}
       WHERE NOT EXISTS (SELECT FROM ${this.other} rebuilt WHERE rebuilt.${key} = live.${key}) RETURNING 1`,
      values,
    );
    return rows.length;
  }

  private async compare(sql: Sql, filter: string, values: readonly unknown[]): Promise<Compared> {
    const { key } = this.model;
    const counted = await compareTables<Verdict>(
      sql,
      {
        live: this.live,
        rebuilt: this.other,
        key: [key],
        name: key,
        verdict: `CASE WHEN ${this.isLiveAhead} THEN 'ahead'
                       WHEN NOT ${this.isLacking} THEN
                         CASE WHEN live::text = rebuilt::text THEN 'equal' ELSE 'wrong' END
                       WHEN EXISTS (SELECT FROM parked WHERE consumer = $${values.length + 1}
                                    AND subject = rebuilt.${key}::text) THEN 'parked'
                       ELSE 'lacking' END`,
        named: ['wrong', 'lacking', 'parked', 'ahead'],
      },
      filter,
      [...values, this.consumer],
    );
    return comparedOf(counted);
  }
}

/** Runs work in a transaction of its own. */
export type Transaction = <R>(work: (sql: Sql) => Promise<R>) => Promise<R>;

function comparedOf(counted: readonly Judged<Verdict>[]): Compared {
  const of = (verdict: Verdict) => counted.find((one) => one.verdict === verdict);
  const rows = (verdict: Verdict) => of(verdict)?.rows ?? 0;
  const pairs = (verdict: Verdict) => of(verdict)?.pairs ?? [];
  const checksum = (side: 'live' | 'rebuilt') => BigInt(of('equal')?.[side] ?? 0) ^ BigInt(of('wrong')?.[side] ?? 0);
  return {
    equal: rows('equal'),
    wrong: rows('wrong'),
    lacking: rows('lacking'),
    parked: rows('parked'),
    ahead: rows('ahead'),
    checksums: [checksum('live'), checksum('rebuilt')],
    unequal: {
      wrong: pairs('wrong'),
      lacking: pairs('lacking'),
      parked: pairs('parked'),
      ahead: pairs('ahead'),
    },
  };
}
