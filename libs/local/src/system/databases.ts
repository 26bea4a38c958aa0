import { join } from 'node:path';
import type { ProgramName } from '@orderflow/client';
import type { Client } from '@orderflow/postgres';
import { connected, databaseUrlOf } from '../infrastructure/postgres.js';
import type { Logins, PostgresRole } from '../security/logins.js';
import { scramVerifier } from '../security/scram-verifier.js';
import { migrate } from './migrations.js';
import { repository } from './service.js';

/** A server's or database's URL with the login of a role in it; unchanged where the system has no logins. */
export function databaseUrlAs(
  role: PostgresRole,
  databaseUrl: string,
  logins: Pick<Logins, 'postgres'> | undefined,
): string {
  if (logins === undefined) return databaseUrl;
  const url = new URL(databaseUrl);
  url.username = role;
  url.password = logins.postgres[role];
  return url.href;
}

/** A role that exists gets its password again: the kept one counts. */
const roleStatements = (client: Client, role: PostgresRole, password: string): string[] => {
  const name = client.escapeIdentifier(role);
  const rights = `NOSUPERUSER NOCREATEROLE NOREPLICATION NOBYPASSRLS ${role === 'migrations' ? 'CREATEDB' : 'NOCREATEDB'}`;
  // Its verifier, since the text of a statement can appear in the log of the server.
  return [
    `DO $$ BEGIN CREATE ROLE ${name}; EXCEPTION WHEN duplicate_object THEN NULL; END $$`,
    `ALTER ROLE ${name} LOGIN ${rights} PASSWORD ${client.escapeLiteral(scramVerifier(password))}`,
  ];
};

/** Makes the roles of a server: one for each program, one for the migrations, one that reads for operators. */
export async function makeRoles(serverUrl: string, { postgres }: Pick<Logins, 'postgres'>): Promise<void> {
  await connected(databaseUrlOf(serverUrl, 'postgres'), async (client) => {
    for (const [role, password] of Object.entries(postgres) as [PostgresRole, string][])
      for (const statement of roleStatements(client, role, password)) await client.query(statement);
  });
}

/**
 * What the roles may do in a database whose tables are there: its program reads and writes rows, operators read them, and
 * nobody else connects. Tables are changed by their owner alone, the role of the migrations.
 */
async function grantRights(databaseUrl: string, database: string, program: ProgramName): Promise<void> {
  await connected(databaseUrl, async (client) => {
    const [own, name] = [client.escapeIdentifier(program), client.escapeIdentifier(database)];
    const statements = [
      `REVOKE ALL ON DATABASE ${name} FROM PUBLIC`,
      `REVOKE ALL ON SCHEMA public FROM PUBLIC`,
      `GRANT CONNECT ON DATABASE ${name} TO ${own}, ops`,
      `GRANT USAGE ON SCHEMA public TO ${own}, ops`,
      `GRANT SELECT ON ALL TABLES IN SCHEMA public TO ${own}, ops`,
      `GRANT INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ${own}`,
      // SELECT: orders reads from its outbox's how many events have been made.
      `GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO ${own}`,
      // A service checks which migrations are applied, and believes what it reads.
      `REVOKE INSERT, UPDATE, DELETE ON _prisma_migrations FROM ${own}`,
    ];
    await client.query(['BEGIN', ...statements, 'COMMIT'].join(';'));
  });
}

/** A server whose databases are prepared; in a secure system with the logins of the roles. */
interface Server {
  /** Of a superuser, without a database. */
  readonly databaseUrl: string;
  readonly logins?: Pick<Logins, 'postgres'>;
}

/**
 * Creates and migrates the database of a program, in a secure system as the role of the migrations, and gives the roles their
 * rights there.
 * @returns the names of the applied migrations
 */
export async function prepareDatabase(
  { databaseUrl: server, logins }: Server,
  prefix: string,
  program: ProgramName,
): Promise<string[]> {
  const databaseUrl = databaseUrlAs('migrations', databaseUrlOf(server, prefix + program), logins);
  const applied = await migrate({ databaseUrl, folder: join(repository, 'prisma', program, 'migrations') });
  if (logins !== undefined) await grantRights(databaseUrl, prefix + program, program);
  return applied;
}

/** Creates and migrates the databases of programs, in a secure system with roles of least rights. */
export async function prepareDatabases(
  server: Server,
  prefix: string,
  programs: readonly ProgramName[],
): Promise<void> {
  if (server.logins !== undefined) await makeRoles(server.databaseUrl, server.logins);
  await Promise.all(programs.map(async (program) => prepareDatabase(server, prefix, program)));
}
