import { describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { eventually } from '@orderflow/client';
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

async function isGone(pid: number, withinMs: number): Promise<boolean> {
  return eventually(() => startTimeOf(pid) === undefined, withinMs).catch(() => false);
}

async function kill(parent: ReturnType<typeof spawn>): Promise<void> {
  parent.kill('SIGKILL');
  await once(parent, 'exit');
}

describe('the watchdog, when its parent is killed', () => {
  it('ends the children of the parent', async () => {
    const { parent, pid } = await parentOf('echo up; exec sleep 600');
    await kill(parent);
    expect(await isGone(pid, 5_000)).toBe(true);
  });

  it('also ends a child that ignores SIGTERM', async () => {
    const { parent, pid } = await parentOf(`trap '' TERM; echo up; while true; do sleep 1; done`);
    await kill(parent);
    expect(await isGone(pid, 3_000)).toBe(false);
    expect(await isGone(pid, 15_000)).toBe(true);
  });

  it('also ends a child that is stopped by SIGSTOP', async () => {
    const { parent, pid } = await parentOf('echo up; exec sleep 600');
    process.kill(pid, 'SIGSTOP');
    await kill(parent);
    expect(await isGone(pid, 5_000)).toBe(true);
  });
});
