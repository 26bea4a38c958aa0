/** `orderflow migrate`: brings the databases of all services, or of the named ones, up to date. */
import { type ProgramName, programNames } from '@orderflow/client';
import { parseArgs } from 'node:util';
import { readFile } from 'node:fs/promises';
import { type Logins, makeRoles, prepareDatabase, SetupError } from '@orderflow/local';

export const usage = `Usage: orderflow migrate [service...] [--logins FILE]

Creates the databases and applies the migrations that are missing: of all services, or of the named ones
(${programNames.join(', ')}). A migration whose lock another session holds gives way to the services after 2 s and is tried
again, 20 times.

  --logins FILE    also makes a role for each program, with least rights, one that owns the databases, and one that reads
                   them for operators; FILE has their passwords, as \`orderflow secrets --secure\` writes them

  DATABASE_URL     the database server, without a database name
  DATABASE_PREFIX  the prefix of every database name`;

const isProgram = (name: string): name is ProgramName => (programNames as readonly string[]).includes(name);

async function loginsIn(file: string): Promise<Pick<Logins, 'postgres'>> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Pick<Logins, 'postgres'>;
  } catch (error) {
    // Without the text of the file, which a message about its syntax would quote.
    throw new SetupError(`${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'no JSON'}).`);
  }
}

export async function main(args: readonly string[]): Promise<number> {
  const options = { logins: { type: 'string' } } as const;
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
  const { DATABASE_URL: server, DATABASE_PREFIX: prefix = '' } = process.env;
  if (!server || !URL.canParse(server))
    throw new SetupError(
      'DATABASE_URL is missing or not a URL: set it to postgres://user:password@host:port of the server.',
    );
  const unknown = positionals.find((service) => !isProgram(service));
  if (unknown !== undefined) throw new SetupError(`Unknown service ${unknown}. Services: ${programNames.join(', ')}.`);
  const logins = values.logins === undefined ? undefined : await loginsIn(values.logins);
  if (logins) await makeRoles(server, logins);
  for (const program of positionals.length === 0 ? programNames : positionals.filter(isProgram)) {
    const applied = await prepareDatabase({ databaseUrl: server, ...(logins && { logins }) }, prefix, program);
    console.log(`${prefix}${program}: ${applied.length === 0 ? 'up to date' : `applied ${applied.join(', ')}`}`);
  }
  return 0;
}
