import { once } from 'node:events';
import { join } from 'node:path';
import type { ServiceName } from '@orderflow/client';
import { spawnGuarded } from '@orderflow/local';
import { repository } from './run-ops.js';

export interface Ended {
  readonly exitCode: number | null;
  /** Its stderr, without the last line break. */
  readonly stderr: string;
}

/** Starts a service alone, as its container would. @returns once it has ended by itself */
export async function startAlone(name: ServiceName, env: Readonly<Record<string, string>>): Promise<Ended> {
  const child = spawnGuarded(
    process.execPath,
    ['--import', '@orderflow/telemetry/register', join('apps', name, 'dist', 'main.js')],
    { cwd: repository, stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, HOST: '127.0.0.1', ...env } },
  );
  let stderr = '';
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  // A service that starts although it must not would run for ever.
  const tooLong = setTimeout(() => child.kill('SIGKILL'), 60_000);
  const [exitCode] = (await once(child, 'close')) as [number | null];
  clearTimeout(tooLong);
  return { exitCode, stderr: stderr.trim() };
}
