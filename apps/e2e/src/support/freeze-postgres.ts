import { databaseUrlOf } from '@orderflow/embedded';
import pg from 'pg';

/**
 * Stops a PostgreSQL server with all its processes, as a machine that hangs: connections stay open and nobody answers.
 * @returns what lets it go on
 */
export async function freezePostgres(serverUrl: string, postmaster: number): Promise<() => void> {
  const client = new pg.Client({ connectionString: databaseUrlOf(serverUrl, 'postgres') });
  client.on('error', () => undefined);
  await client.connect();
  // First, so that no process is started after the others were counted.
  process.kill(postmaster, 'SIGSTOP');
  const { rows } = await client.query<{ pid: number }>('SELECT pid FROM pg_stat_activity');
  const pids = [postmaster, ...rows.map(({ pid }) => pid)];
  for (const pid of pids) signal(pid, 'SIGSTOP');
  return () => {
    for (const pid of pids.toReversed()) signal(pid, 'SIGCONT');
    void client.end();
  };
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    // One that ended meanwhile needs no signal.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
