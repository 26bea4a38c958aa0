import { describe, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually } from '@orderflow/client';
import { temporaryFolder } from '../index.js';
import { startTimeOf } from './process-identity.js';

const processes = fileURLToPath(new URL('./processes.ts', import.meta.url));

/** A parent that starts `command` guarded, prints its pid, and keeps running. Node itself runs the sources here. */
async function parentOf(command: string): Promise<{ parent: ReturnType<typeof spawn>; pid: number }> {
  const program = `
    const { spawnGuarded } = await import(${JSON.stringify(processes)});
    const child = spawnGuarded('sh', ['-c', ${JSON.stringify(command)}], { stdio: ['ignore', 'pipe', 'ignore'] });
    child.stdout.once('data', () => console.log(child.pid));
    setInterval(() => undefined, 1000);`;
  const parent = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(parent.stdout, 'data')) as [Buffer];
  return { parent, pid: Number(line.toString()) };
}

const untilGone = (pid: number): Promise<boolean> => eventually(() => startTimeOf(pid) === undefined);

async function kill(parent: ReturnType<typeof spawn>): Promise<void> {
  parent.kill('SIGKILL');
  await once(parent, 'exit');
}

describe('the watchdog, when its parent is killed', () => {
  it('ends the children of the parent', async () => {
    const { parent, pid } = await parentOf('echo up; exec sleep 600');
    await kill(parent);
    await untilGone(pid);
  });

  it('also ends a child that ignores SIGTERM', async () => {
    const folder = temporaryFolder('reaper');
    const termed = join(folder, 'termed');
    const { parent, pid } = await parentOf(`trap 'touch "${termed}"' TERM; echo up; while true; do sleep 1; done`);
    await kill(parent);
    await eventually(() => existsSync(termed));
    await untilGone(pid);
    rmSync(folder, { recursive: true });
  });

  it('also ends a child that is stopped by SIGSTOP', async () => {
    const { parent, pid } = await parentOf('echo up; exec sleep 600');
    process.kill(pid, 'SIGSTOP');
    await kill(parent);
    await untilGone(pid);
  });
});
