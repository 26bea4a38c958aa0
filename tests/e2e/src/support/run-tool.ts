import { execFile } from 'node:child_process';
import { join } from 'node:path';

const repository = join(import.meta.dirname, '..', '..', '..', '..');

export interface Ran {
  readonly exitCode: number;
  readonly output: string;
  readonly errors: string;
}

/** Runs `orderflow <command>` as an operator would. */
export async function runTool(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [join('ops', 'src', 'orderflow.ts'), command, ...args],
      { cwd: repository, env: { ...process.env, ...env }, timeout: 120_000 },
      (error, output, errors) => resolve({ exitCode: error === null ? 0 : Number(error.code ?? -1), output, errors }),
    );
  });
}
