import { openClient } from '@orderflow/postgres';
import { send } from '../process/process-identity.js';
import { databaseUrlOf } from './postgres.js';

/** A server whose processes are all stopped by SIGSTOP. */
interface FrozenPostgres {
  /** Continues all processes. */
  thaw(): void;
  /** Kills all processes at once, as a power cut would. */
  kill(): void;
}

/**
 * Stops a PostgreSQL server with all its processes, like a machine that hangs: connections stay open without an answer.
 * @param serverUrl without a database
 * @param postmaster process id of the server's first process
 */
export async function freezePostgres(serverUrl: string, postmaster: number): Promise<FrozenPostgres> {
  const url = databaseUrlOf(serverUrl, 'postgres');
  const client = await openClient({ url, name: 'freeze', connectTimeoutMs: 10_000 });
  // First, so that no process starts after the others are listed.
  process.kill(postmaster, 'SIGSTOP');
  const { rows } = await client.query<{ pid: number }>('SELECT pid FROM pg_stat_activity');
  const pids = [postmaster, ...rows.map(({ pid }) => pid)];
  for (const pid of pids) send(pid, 'SIGSTOP');
  const signalAll = (signal: NodeJS.Signals) => {
    for (const pid of pids.toReversed()) send(pid, signal);
    // A killed server ends the session without an answer.
    client.end().catch(() => undefined);
  };
  return { thaw: () => signalAll('SIGCONT'), kill: () => signalAll('SIGKILL') };
}
