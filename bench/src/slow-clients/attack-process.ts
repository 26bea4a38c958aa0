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

/** Starts the process with the slow clients, and resolves once all are connected. */
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
  return {
    end: async (): Promise<Counts> => {
      await stopProcess(child);
      return JSON.parse(await next()) as Counts;
    },
  };
}
