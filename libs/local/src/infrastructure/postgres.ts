import { existsSync } from 'node:fs';
import { chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Client, openClient } from '@orderflow/postgres';
import { type Part, startDaemon, waitForPredecessor } from '../process/daemon.js';
import { assertPortFree } from '../process/ports.js';
import { runGuarded, type GuardedOptions } from '../process/processes.js';
import { preparePostgresHome, type PostgresHome } from './postgres-home.js';
import { secretIn, writeSecretFile } from '../process/secret.js';
import type { Certified } from '../security/authority.js';
import { reasonOf, SetupError } from '../process/setup-error.js';

const USER = 'orderflow';

/** A server's URL with another database in it. */
export function databaseUrlOf(serverUrl: string, database: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${database}`;
  return url.href;
}

/**
 * Runs `work` with a connection of its own to a database, and closes the connection.
 * @throws Error when the server does not answer within `timeoutMs`, or the error of `work`
 */
export async function connected<T>(
  databaseUrl: string,
  work: (client: Client) => Promise<T>,
  timeoutMs = 10_000,
): Promise<T> {
  const client = await openClient({ url: databaseUrl, name: 'orderflow', connectTimeoutMs: timeoutMs });
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Drops the database that the URL names, its open connections included; a database that does not exist needs nothing. */
export async function dropDatabase(databaseUrl: string): Promise<void> {
  const database = decodeURIComponent(new URL(databaseUrl).pathname.slice(1));
  await connected(databaseUrlOf(databaseUrl, 'postgres'), async (client) =>
    client.query(`DROP DATABASE IF EXISTS ${client.escapeIdentifier(database)} WITH (FORCE)`),
  );
}

interface PostgresOptions {
  /** Folder of the cluster, kept over restarts; created when missing. One server at a time. */
  dataDir: string;
  /** TCP port on 127.0.0.1. */
  port: number;
  /** Log file of the server. */
  log: string;
  /** Folder with bin/ of another PostgreSQL, e.g. Debian's `/usr/lib/postgresql/15`. */
  programs?: string;
  /** Settings of postgresql.conf. */
  settings?: Readonly<Record<string, string>>;
  /** TLS for every connection, with this certificate. */
  security?: { certified: Certified; authorityFile: string };
}

export interface Postgres extends Part {
  /** `postgres://user:password@127.0.0.1:port` of a superuser, without a database; with `sslmode` where TLS is wanted. */
  url: string;
}

function runAs(home: PostgresHome): GuardedOptions {
  // PG* variables and the locale of the shell must not change the behaviour of the server.
  return { ...home.user, cwd: dirname(home.data), env: { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' } };
}

async function initialize(home: PostgresHome, password: string): Promise<void> {
  const { user } = home;
  // Renamed when complete: a cluster cannot be started after a kill during its creation.
  const building = `${home.data}.new`;
  const passwordFile = `${home.data}.password`;
  await rm(building, { recursive: true, force: true });
  await mkdir(building, { mode: 0o700 });
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (user !== undefined) await Promise.all([building, passwordFile].map(async (it) => chown(it, user.uid, user.gid)));
  const access = [`--username=${USER}`, `--pwfile=${passwordFile}`, '--auth=scram-sha-256'];
  const args = [`--pgdata=${building}`, ...access, '--encoding=UTF8', '--locale=C'];
  await runGuarded(join(home.native, 'bin', 'initdb'), args, runAs(home)).catch((error: unknown) => {
    throw new SetupError(`PostgreSQL's initdb failed in ${building}: ${reasonOf(error)}`);
  });
  await rm(passwordFile);
  await rename(building, home.data);
}

/** Writes the files of a server that takes connections by TLS alone. @returns its settings */
async function writeSecurity(
  home: PostgresHome,
  { certificate, privateKey }: Certified,
): Promise<Record<string, string>> {
  const texts = {
    ssl_cert_file: certificate,
    ssl_key_file: privateKey,
    // Beside a line without `ssl`, a client could leave TLS out.
    hba_file: 'hostssl all all 127.0.0.1/32 scram-sha-256\n',
  };
  const files = Object.fromEntries(Object.keys(texts).map((name) => [name, join(dirname(home.data), name)]));
  for (const [name, text] of Object.entries(texts)) {
    await writeSecretFile(files[name]!, text);
    if (home.user !== undefined) await chown(files[name]!, home.user.uid, home.user.gid);
  }
  return { ...files, ssl: 'on' };
}

/** A URL by which the server's certificate is checked. */
export const withTls = (url: string, authorityFile: string): string =>
  `${url}?${new URLSearchParams({ sslmode: 'verify-full', sslrootcert: authorityFile }).toString()}`;

/**
 * After a crash of the machine the pid in postmaster.pid may belong to another program, and PostgreSQL would refuse to start.
 * The file is removed unless that process serves this folder.
 */
async function dropStaleLock(data: string): Promise<void> {
  const file = join(data, 'postmaster.pid');
  if (!existsSync(file)) return;
  const pid = Number((await readFile(file, 'utf8')).split('\n')[0]);
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => undefined);
  // The process has ended, or the system has no /proc: PostgreSQL's own check is sufficient then.
  if (command === undefined) return;
  if (!command.split('\0').includes(data)) return rm(file);
  throw new SetupError(`${data} is in use by another PostgreSQL (process ${pid}): stop it first ("kill -INT ${pid}").`);
}

function settings(port: number, given: Readonly<Record<string, string>>): string[] {
  const values = {
    listen_addresses: '127.0.0.1',
    port,
    // No socket file: nothing to clean up, and no limit on the length of the path.
    unix_socket_directories: '',
    max_connections: 200,
    shared_buffers: '128MB',
    ...given,
  };
  return Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

/**
 * Starts a PostgreSQL, the embedded 18 where no other is given, and resolves once it answers `SELECT 1`. Commits are durable (fsync is on).
 * @throws SetupError when the port is taken, the data folder is in use, or the server does not come up
 */
export async function startPostgres({
  dataDir,
  port,
  log,
  programs,
  settings: given = {},
  security,
}: PostgresOptions): Promise<Postgres> {
  await waitForPredecessor('PostgreSQL', log);
  await assertPortFree(port, 'PostgreSQL', 'POSTGRES_PORT');
  const own = await preparePostgresHome(dataDir);
  const home = programs === undefined ? own : { ...own, native: programs };
  // One per data folder instead of a fixed one: the port is open to every user of the machine.
  const password = await secretIn(join(dataDir, 'password'));
  if (!existsSync(home.data)) await initialize(home, password);
  await dropStaleLock(home.data);
  const ofTls = security && (await writeSecurity(home, security.certified));
  const plain = `postgres://${USER}:${password}@127.0.0.1:${port}`;
  const url = security === undefined ? plain : withTls(plain, security.authorityFile);
  const daemon = await startDaemon({
    name: 'PostgreSQL',
    command: join(home.native, 'bin', 'postgres'),
    args: ['-D', home.data, ...settings(port, { ...given, ...ofTls })],
    // SIGINT is its fast shutdown; SIGTERM would wait for every client to leave.
    options: { ...runAs(home), stopSignal: 'SIGINT' },
    log,
    ready: async () => connected(databaseUrlOf(url, 'postgres'), async (client) => client.query('SELECT 1'), 2_000),
  });
  return { url, ...daemon };
}
