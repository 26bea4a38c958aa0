import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { spawnGuarded, stopProcess } from '@orderflow/local';
import { root } from '../../../ops/src/demo/running-system.ts';

/** The counts of an attack when it ends. */
export interface Counts {
  /** Connections that are open. */
  readonly count: number;
  /** Connections that orders has ended, and that were opened again. */
  readonly ended: number;
  /** Those of them with 408. */
  readonly timedOut: number;
}

/** Starts the process with the slow clients, and resolves once orders has let all of them in. */
export async function startAttack(ordersUrl: string, connections: number) {
  const program = join(root, 'bench', 'src', 'slow-clients', 'attack.ts');
  const args = [program, ordersUrl, String(connections)];
  const child = spawnGuarded(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  const next = async (): Promise<string> => {
    const { value, done } = await lines.next();
    if (done === true) throw new Error('the slow clients ended early');
    return value;
  };
  await next();
  // A connection of its own, which waits behind theirs.
  const [answer] = (await once(get(`${ordersUrl}/health/live`, { agent: false }), 'response')) as [IncomingMessage];
  answer.resume();
  return {
    end: async (): Promise<Counts> => {
      await stopProcess(child);
      return JSON.parse(await next()) as Counts;
    },
  };
}
