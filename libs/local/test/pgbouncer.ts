import { existsSync } from 'node:fs';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connected, freePort, type Part, removeInfrastructure, startDaemon, temporaryFolder } from '@orderflow/local';

/** The program: Debian's, unless PGBOUNCER names another version's. */
const PGBOUNCER = process.env['PGBOUNCER'] ?? '/usr/sbin/pgbouncer';

/** Why PgBouncer cannot be started here; undefined where it can. */
export const withoutPgBouncer: string | undefined = existsSync(PGBOUNCER)
  ? undefined
  : `PgBouncer is not installed (${PGBOUNCER}; Debian package pgbouncer)`;

export interface PgBouncer {
  /** The URL of the server behind it, with the address of the pooler: of the same form as the given one. */
  readonly url: string;
  stop(): Promise<void>;
}

// PgBouncer refuses to run as root.
const NOBODY = 65_534;
const user = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};

/**
 * Starts PgBouncer on a free port of the loopback interface, with its default settings but for the mode.
 * @param serverUrl of the server behind it, with or without a database
 * @param probe a database that exists
 */
export async function startPgBouncer(
  serverUrl: string,
  mode: 'session' | 'transaction' | 'statement',
  probe = 'postgres',
): Promise<PgBouncer> {
  const dir = temporaryFolder('pgbouncer');
  await chmod(dir, 0o777);
  const port = await freePort();
  const { hostname, port: serverPort, username, password } = new URL(serverUrl);
  const users = join(dir, 'users.txt');
  const quoted = [username, password].map((it) => `"${decodeURIComponent(it).replaceAll('"', '""')}"`);
  await writeFile(users, `${quoted.join(' ')}\n`);
  const settings = [
    '[databases]',
    `* = host=${hostname} port=${serverPort}`,
    '[pgbouncer]',
    'listen_addr = 127.0.0.1',
    `listen_port = ${port}`,
    'unix_socket_dir =',
    'auth_type = plain',
    `auth_file = ${users}`,
    `pool_mode = ${mode}`,
  ];
  await writeFile(join(dir, 'pgbouncer.ini'), `${settings.join('\n')}\n`);
  const url = new URL(serverUrl);
  url.host = `127.0.0.1:${port}`;
  const probed = new URL(url);
  probed.pathname = `/${probe}`;
  const part: Part = await startDaemon({
    name: 'PgBouncer',
    command: PGBOUNCER,
    args: [join(dir, 'pgbouncer.ini')],
    options: { ...user, cwd: dir },
    log: join(dir, 'pgbouncer.log'),
    ready: async () => connected(probed.href, async (client) => client.query('SELECT 1')),
  });
  return {
    url: url.href,
    stop: async () => {
      await part.stop();
      await removeInfrastructure(dir);
    },
  };
}
