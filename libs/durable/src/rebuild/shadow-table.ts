import { StartError } from '@orderflow/config';
import type { Sql } from '../store/sql.js';

/** The schema of a table that no request reads: the one that is being built, or the one that was read before the switch. */
export type Beside = 'rebuild' | 'replaced';

/** The other table of a read model. It has the names of the live one, its indexes too, in a schema of its own. */
export class ShadowTable {
  constructor(
    private readonly table: string,
    readonly beside: Beside,
  ) {}

  /** With its schema. */
  get name(): string {
    return `${this.beside}.${this.table}`;
  }

  async exists(sql: Sql): Promise<boolean> {
    const [row] = await sql.query<{ exists: boolean }>('SELECT to_regclass($1) IS NOT NULL AS exists', [this.name]);
    return row!.exists;
  }

  /** An empty table with the columns, indexes and settings of the live one. */
  async create(sql: Sql): Promise<void> {
    const live = `public.${this.table}`;
    const [settings] = await sql.query<{ options: string | null }>(
      `SELECT array_to_string(reloptions, ', ') AS options FROM pg_class WHERE oid = $1::regclass`,
      [live],
    );
    const indexes = await sql.query<{ definition: string }>(
      `SELECT pg_get_indexdef(indexrelid) AS definition FROM pg_index WHERE indrelid = $1::regclass AND NOT indisprimary`,
      [live],
    );
    const [primary] = await sql.query<{ name: string; definition: string }>(
      `SELECT conname AS name, pg_get_constraintdef(oid) AS definition FROM pg_constraint
       WHERE conrelid = $1::regclass AND contype = 'p'`,
      [live],
    );
    await sql.query(`CREATE SCHEMA IF NOT EXISTS ${this.beside}`);
    // LIKE copies neither the settings of the table nor the names of its indexes.
    const withOptions = settings!.options === null ? '' : ` WITH (${settings!.options})`;
    await sql.query(`CREATE TABLE ${this.name} (LIKE ${live} INCLUDING ALL EXCLUDING INDEXES)${withOptions}`);
    await sql.query(`ALTER TABLE ${this.name} ADD CONSTRAINT ${primary!.name} ${primary!.definition}`);
    for (const { definition } of indexes) await sql.query(definition.replace(` ON ${live} `, ` ON ${this.name} `));
    await this.copyRights(sql);
  }

  /** Its owner, and what other roles may do with it: the migrations change it later, and the program reads and writes it. */
  private async copyRights(sql: Sql): Promise<void> {
    const rights = await sql.query<{ statement: string }>(
      `SELECT format('GRANT %s ON %s TO %s', privilege_type, $2::text,
                     CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END) AS statement
       FROM pg_class, aclexplode(relacl) WHERE pg_class.oid = $1::regclass AND grantee <> relowner
       UNION ALL
       SELECT format('ALTER TABLE %s OWNER TO %s', $2::text, relowner::regrole)
       FROM pg_class WHERE oid = $1::regclass AND relowner <> current_user::regrole`,
      [`public.${this.table}`, this.name],
    );
    for (const { statement } of rights) await sql.query(statement);
  }

  /** @throws StartError where the login may not make a table that takes the place of the live one */
  async demandOwner(sql: Sql): Promise<void> {
    const [owner] = await sql.query<{ name: string; isOurs: boolean }>(
      `SELECT relowner::regrole::text AS name, pg_has_role(relowner, 'MEMBER') AS "isOurs"
       FROM pg_class WHERE oid = $1::regclass`,
      [`public.${this.table}`],
    );
    if (!owner!.isOurs)
      throw new StartError(
        `only ${owner!.name}, the owner of ${this.table}, can rebuild it: set DATABASE_URL to its login`,
      );
  }

  /** @throws StartError where a migration has changed the live table since this one was made */
  async demandSameShape(sql: Sql): Promise<void> {
    const rows = await sql.query<{ shape: string }>(SHAPES, [['public', this.beside], this.table]);
    if (rows.length !== 2 || rows[0]!.shape !== rows[1]!.shape)
      throw new StartError(`${this.name} has other columns or indexes than ${this.table}: drop it, and begin again`);
  }

  /** The other {@link Beside}: the live table goes there in a switch. */
  get other(): Beside {
    return this.beside === 'rebuild' ? 'replaced' : 'rebuild';
  }

  /** Makes room for the live table: what was there is dropped. */
  async makeRoom(sql: Sql): Promise<void> {
    await sql.query(`CREATE SCHEMA IF NOT EXISTS ${this.other}`);
    await sql.query(`DROP TABLE IF EXISTS ${this.other}.${this.table}`);
  }

  /** Statements by which it takes the place of the live table. */
  get swapping(): string {
    return `ALTER TABLE public.${this.table} SET SCHEMA ${this.other}; ALTER TABLE ${this.name} SET SCHEMA public;`;
  }
}

/** Makes these tables the live ones. One statement, and the last one: reads wait from here to the commit. */
export async function swapTables(sql: Sql, tables: readonly ShadowTable[]): Promise<void> {
  await sql.query(`DO $$ BEGIN ${tables.map(({ swapping }) => swapping).join(' ')} END $$`);
}

const SHAPES = `SELECT jsonb_build_array(
    (SELECT jsonb_agg(jsonb_build_array(attname, format_type(atttypid, atttypmod), attnotnull) ORDER BY attnum)
     FROM pg_attribute WHERE attrelid = relation.oid AND attnum > 0 AND NOT attisdropped),
    (SELECT jsonb_agg(definition ORDER BY definition) FROM (
       SELECT replace(pg_get_indexdef(indexrelid), ' ON ' || nspname || '.', ' ON ') AS definition
       FROM pg_index WHERE indrelid = relation.oid) indexes))::text AS shape
  FROM pg_class relation JOIN pg_namespace ON pg_namespace.oid = relnamespace
  WHERE nspname = ANY ($1::text[]) AND relname = $2`;
