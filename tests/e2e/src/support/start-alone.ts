import { once } from 'node:events';
import { join } from 'node:path';
import { type ServiceName, spawnGuarded } from '@orderflow/local';

const repository = join(import.meta.dirname, '..', '..', '..', '..');

export interface Ended {
  readonly exitCode: number | null;
  /** What it wrote to stderr, without the last line break. */
  readonly said: string;
}

/** Starts a service alone, as its container would, and waits until it has ended by itself. */
export async function startAlone(name: ServiceName, env: Readonly<Record<string, string>>): Promise<Ended> {
  const child = spawnGuarded(
    process.execPath,
    ['--import', '@orderflow/telemetry/register', join('apps', name, 'dist', 'main.js')],
    { cwd: repository, stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, HOST: '127.0.0.1', ...env } },
  );
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  // Whoever starts although it must not would run for ever.
  const tooLong = setTimeout(() => child.kill('SIGKILL'), 60_000);
  const [exitCode] = (await once(child, 'close')) as [number | null];
  clearTimeout(tooLong);
  return { exitCode, said: said.trim() };
}
