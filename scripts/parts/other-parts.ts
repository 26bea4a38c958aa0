/** Parts in place of the embedded ones, for `npm test -- <pattern> --postgres 16 --registry apicurio-3.3`. */
import { connected, databaseUrlOf, SetupError } from '@orderflow/local';
import { startApicurio } from './apicurio.ts';
import { startOlderPostgres } from './older-postgres.ts';

/** By the words of the command line. */
const postgres: Readonly<Record<string, () => Promise<string>>> = {
  '16': async () => startOlderPostgres('postgres-16'),
  '17': async () => startOlderPostgres('postgres-17'),
};
const registries: Readonly<Record<string, () => Promise<string>>> = {
  'apicurio-3.3': async () => startApicurio('apicurio-3.3'),
};

export interface WantedParts {
  /** A known version, or the URL of a server that runs already. */
  readonly postgres?: string | undefined;
  /** A known registry, or the URL of one that runs already. */
  readonly registry?: string | undefined;
}

export interface OtherParts {
  readonly databaseUrl?: string;
  readonly schemaRegistryUrl?: string;
}

async function urlOf(option: string, known: typeof registries, wanted: string): Promise<string> {
  const start = known[wanted];
  if (start !== undefined) return start();
  if (URL.canParse(wanted)) return wanted;
  throw new SetupError(`--${option} is ${Object.keys(known).join(', ')}, or a URL, but not ${wanted}.`);
}

async function versionOf(databaseUrl: string): Promise<string> {
  return connected(databaseUrlOf(databaseUrl, 'postgres'), async (client) => {
    const { rows } = await client.query<{ server_version: string }>('SHOW server_version');
    return rows[0]!.server_version;
  });
}

/** Starts the parts that are wanted, and says on stdout which they are. @throws SetupError for an unknown one */
export async function otherParts(wanted: WantedParts): Promise<OtherParts> {
  const parts: { -readonly [Name in keyof OtherParts]: OtherParts[Name] } = {};
  if (wanted.postgres !== undefined) {
    parts.databaseUrl = await urlOf('postgres', postgres, wanted.postgres);
    console.log(`PostgreSQL ${await versionOf(parts.databaseUrl)} instead of the embedded one`);
  }
  if (wanted.registry !== undefined) {
    parts.schemaRegistryUrl = await urlOf('registry', registries, wanted.registry);
    console.log(`the schema registry ${wanted.registry} instead of the embedded one`);
  }
  return parts;
}
