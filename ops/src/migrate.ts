/**
 * Creates and migrates the databases of all services, or of those named:  node ops/src/migrate.ts [service...]
 * DATABASE_URL is the server's URL without a database; DATABASE_PREFIX stands before every database's name.
 */
import { join } from 'node:path';
import { databaseUrlOf, migrate, reasonOf, serviceNames, SetupError } from '@orderflow/local';

const migrations = (service: string) => join(import.meta.dirname, '..', '..', 'prisma', service, 'migrations');

async function migrateAll(services: readonly string[]): Promise<void> {
  const { DATABASE_URL: server, DATABASE_PREFIX: prefix = '' } = process.env;
  if (!server || !URL.canParse(server)) {
    throw new SetupError(
      'DATABASE_URL is missing or no URL: set it to postgres://user:password@host:port of the server.',
    );
  }
  const unknown = services.find((service) => !(serviceNames as readonly string[]).includes(service));
  if (unknown !== undefined) {
    throw new SetupError(`There is no service ${unknown}: name any of ${serviceNames.join(', ')}.`);
  }
  for (const service of services) {
    const applied = await migrate({
      databaseUrl: databaseUrlOf(server, prefix + service),
      folder: migrations(service),
    });
    console.log(`${prefix + service}: ${applied.length === 0 ? 'up to date' : `applied ${applied.join(', ')}`}`);
  }
}

try {
  const named = process.argv.slice(2);
  await migrateAll(named.length === 0 ? serviceNames : named);
} catch (error) {
  console.error(reasonOf(error));
  process.exitCode = 1;
}
