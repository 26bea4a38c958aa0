import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { eventually } from '@orderflow/client';

const run = promisify(execFile);

const POSTFIX = '/usr/sbin/postfix';
const DAEMONS = '/usr/lib/postfix/sbin';

/** Why Postfix cannot be started here; undefined where it can. */
export const withoutPostfix: string | undefined = !existsSync(POSTFIX)
  ? 'Postfix is not installed (Debian package postfix)'
  : process.getuid?.() === 0
    ? undefined
    : 'Postfix starts only as root';

export interface Postfix {
  readonly url: string;
  /** The recipients of accepted mails, in the order of their delivery. */
  deliveries(): Promise<string[]>;
  stop(): Promise<void>;
}

/**
 * Starts Debian's Postfix on a free port of the loopback interface, with a queue of its own. Accepted mails are discarded.
 * @param settings lines of main.cf
 */
export async function startPostfix(settings: readonly string[]): Promise<Postfix> {
  const dir = await mkdtemp(join(tmpdir(), 'orderflow-postfix-'));
  // Its daemons run as other users.
  await chmod(dir, 0o755);
  const port = await freePort();
  const [etc, log] = [join(dir, 'etc'), join(dir, 'log')];
  for (const name of ['etc', 'queue', 'data']) await mkdir(join(dir, name));
  await run('chown', ['postfix', join(dir, 'data')]);
  await writeFile(join(etc, 'main.cf'), [...mainOf(dir, log), ...settings, ''].join('\n'));
  await writeFile(join(etc, 'master.cf'), masterOf(port));
  await run(POSTFIX, ['-c', etc, 'start']);
  await eventually(async () => isOpen(port));
  return {
    url: `smtp://127.0.0.1:${port}`,
    deliveries: async () => {
      const lines = (await readFile(log, 'utf8')).matchAll(/to=<([^>]+)>, relay=none, .*status=sent/g);
      return [...lines].map(([, recipient]) => recipient!);
    },
    stop: async () => {
      await run(POSTFIX, ['-c', etc, 'stop']);
      await rm(dir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

const mainOf = (dir: string, log: string): string[] => [
  'compatibility_level = 3.6',
  `queue_directory = ${join(dir, 'queue')}`,
  `data_directory = ${join(dir, 'data')}`,
  'command_directory = /usr/sbin',
  `daemon_directory = ${DAEMONS}`,
  'mail_owner = postfix',
  'setgid_group = postdrop',
  'inet_interfaces = 127.0.0.1',
  'inet_protocols = ipv4',
  'myhostname = mail.shop.test',
  'mydestination = shop.test',
  'mynetworks = 127.0.0.0/8',
  'alias_maps =',
  'local_transport = discard:',
  `maillog_file_prefixes = ${dir}`,
  `maillog_file = ${log}`,
];

/** service type private unpriv chroot wakeup maxproc command */
const masterOf = (port: number): string => `
127.0.0.1:${port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
discard unix - - n - - discard
error unix - - n - - error
anvil unix - - n - 1 anvil
proxymap unix - - n - - proxymap
postlog unix-dgram n - n - 1 postlogd
`;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function isOpen(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  const opened = once(socket, 'connect').then(
    () => true,
    () => false,
  );
  return opened.finally(() => socket.destroy());
}
