import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type ServiceName, serviceNames } from '@orderflow/client';
import { topics } from '@orderflow/contracts';
import { connected, databaseUrlOf } from '@orderflow/local';

/** Bytes with indexes and long values, and rows; of a topic bytes alone. */
export interface Size {
  readonly bytes: number;
  readonly rows?: number;
}

/** By `database.table` or `topic <name>`. */
export type Sizes = ReadonlyMap<string, Size>;

// The partitions of a table count as one table.
const TABLES = `
  SELECT relname AS name,
         coalesce((SELECT sum(pg_total_relation_size(relid)) FROM pg_partition_tree(oid)), pg_total_relation_size(oid))::float8 AS bytes
  FROM pg_class
  WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY relname`;

async function tablesOf(name: ServiceName, url: string): Promise<[string, Size][]> {
  return connected(url, async (client) => {
    const { rows: tables } = await client.query<{ name: string; bytes: number }>(TABLES);
    const sizes: [string, Size][] = [];
    for (const table of tables) {
      const { rows } = await client.query<{ rows: number }>(`SELECT count(*)::int AS rows FROM ${table.name}`);
      sizes.push([`${name}.${table.name}`, { bytes: table.bytes, rows: rows[0]!.rows }]);
    }
    return sizes;
  });
}

/** Bytes of the records in some topics. A segment grows as it is written; the files of its indexes have their full size from the beginning. */
export function bytesOfTopics(logDir: string, isCounted: (topic: string) => boolean): number {
  const partitions = readdirSync(logDir).filter((folder) => isCounted(folder.replace(/-\d+$/, '')));
  const segments = partitions.flatMap((folder) =>
    readdirSync(join(logDir, folder))
      .filter((file) => file.endsWith('.log'))
      .map((file) => statSync(join(logDir, folder, file)).size),
  );
  return segments.reduce((sum, bytes) => sum + bytes, 0);
}

export interface MeasuredSystem {
  /** Of the server, without a database. */
  readonly databaseUrl: string;
  readonly databasePrefix: string;
  readonly topicPrefix: string;
  /** The broker's `log.dirs`. */
  readonly logDir: string;
}

/** The size of every table and topic of a system. */
export async function sizesOf({ databaseUrl, databasePrefix, topicPrefix, logDir }: MeasuredSystem): Promise<Sizes> {
  const tables: [string, Size][] = [];
  for (const name of serviceNames)
    tables.push(...(await tablesOf(name, databaseUrlOf(databaseUrl, databasePrefix + name))));
  const ofTopics = Object.keys(topics).map((topic): [string, Size] => {
    return [`topic ${topic}`, { bytes: bytesOfTopics(logDir, (it) => it === topicPrefix + topic) }];
  });
  return new Map([...tables, ...ofTopics]);
}
