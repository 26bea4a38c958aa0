import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { eventually } from '@orderflow/client';

/** How a program ended, and what it wrote. */
export interface Outcome {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

/** Waits for the end of a child whose output and errors are pipes. */
export async function outcomeOf(child: ChildProcess): Promise<Outcome> {
  const [output, errors, [code]] = await Promise.all([
    text(child.stdout!),
    text(child.stderr!),
    once(child, 'exit') as Promise<[number | null]>,
  ]);
  return { code, output, errors };
}

/**
 * Ends a child by SIGKILL as soon as `when` holds of what it has written to its standard error.
 * @returns what it had written there
 * @throws Error where it has ended by itself, or `when` does not hold in time
 */
export async function killWhen(
  child: ChildProcess,
  when: (errors: string) => boolean | Promise<boolean>,
  withinMs: number,
): Promise<string> {
  const ended = once(child, 'exit');
  let errors = '';
  child.stdout!.resume();
  child.stderr!.on('data', (bytes: Buffer) => (errors += bytes.toString()));
  try {
    await eventually(async () => when(errors), withinMs, 5);
    if (child.exitCode !== null) throw new Error(`it ended by itself with ${child.exitCode}: ${errors}`);
    return errors;
  } finally {
    child.kill('SIGKILL');
    await ended;
  }
}
