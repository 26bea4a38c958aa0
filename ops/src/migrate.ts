/** `orderflow migrate`: brings the databases of all services, or of the named ones, up to date. */
import { programNames } from '@orderflow/client';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { databaseUrlOf, migrate, SetupError } from '@orderflow/local';

export const usage = `Usage: orderflow migrate [service...]

Creates the databases and applies the migrations that are missing: of all services, or of the named ones
(${programNames.join(', ')}). A migration whose lock another session holds gives way to the services after 2 s and is tried
again, 20 times.

  DATABASE_URL     the database server, without a database name
  DATABASE_PREFIX  the prefix of every database name`;

const migrations = (service: string) => join(import.meta.dirname, '..', '..', 'prisma', service, 'migrations');

export async function main(args: readonly string[]): Promise<number> {
  const { positionals } = parseArgs({ args: [...args], options: {}, allowPositionals: true });
  const { DATABASE_URL: server, DATABASE_PREFIX: prefix = '' } = process.env;
  if (!server || !URL.canParse(server))
    throw new SetupError(
      'DATABASE_URL is missing or not a URL: set it to postgres://user:password@host:port of the server.',
    );
  const unknown = positionals.find((service) => !(programNames as readonly string[]).includes(service));
  if (unknown !== undefined) throw new SetupError(`Unknown service ${unknown}. Services: ${programNames.join(', ')}.`);
  for (const service of positionals.length === 0 ? programNames : positionals) {
    const database = prefix + service;
    const applied = await migrate({ databaseUrl: databaseUrlOf(server, database), folder: migrations(service) });
    console.log(`${database}: ${applied.length === 0 ? 'up to date' : `applied ${applied.join(', ')}`}`);
  }
  return 0;
}
