/** The variables that node-postgres reads where its configuration is silent. */
const VARIABLES = [
  'PGHOST',
  'PGPORT',
  'PGUSER',
  'PGPASSWORD',
  'PGDATABASE',
  'PGOPTIONS',
  'PGAPPNAME',
  'PGBINARY',
  'PGREPLICATION',
  'PGSSLMODE',
  'PGSSLNEGOTIATION',
  'PGCLIENT_ENCODING',
  'PGCONNECT_TIMEOUT',
];

const ignored = new Set<string>();

/**
 * Removes these variables from the environment of this process: made for `psql`, they would change how the product connects.
 * @returns the names of all that were removed since the start
 */
export function ignoreShellVariables(env: NodeJS.ProcessEnv = process.env): readonly string[] {
  for (const name of VARIABLES) {
    if (env[name] === undefined) continue;
    delete env[name];
    ignored.add(name);
  }
  return [...ignored];
}

/** One line about the variables that were removed; none where there were none. */
export function shellVariablesLine(names: readonly string[] = ignoreShellVariables()): string | undefined {
  if (names.length === 0) return undefined;
  return `${names.join(', ')}: set, and not used; DATABASE_URL alone says how PostgreSQL is reached (TLS: its parameter sslmode)`;
}
