import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../../ops/src/demo/running-system.ts';

/** The test that must go red. */
export interface Check {
  /** Its file, from the root of the repository. */
  file: string;
  /** Its title, without those of the blocks around it. */
  name: string;
  /** What it is run with. */
  env?: Readonly<Record<string, string>>;
}

/** A guard that is switched off by a change of the source: there are no switches in the code that runs. */
export interface Mutant {
  /** What is promised by the code that is changed. */
  guard: string;
  /** From the root of the repository. */
  file: string;
  /** Text that stands there exactly once, and what stands there instead. */
  edits: readonly (readonly [before: string, after: string])[];
  check: Check;
  /** What the failure says where it is the right one: a mutant must not be caught by a slip of the pen. */
  says: string | RegExp;
}

/** Whether the check needs PostgreSQL, Kafka and a registry. */
export const isOnRealParts = ({ check }: Mutant): boolean => /\.(int|e2e)\.spec\.ts$/.test(check.file);

/** @returns a line for each text that does not stand exactly once where the list says */
export function misfitsOf({ guard, file, edits }: Mutant): string[] {
  const source = readFileSync(join(root, file), 'utf8');
  return edits.flatMap(([before]) => {
    const times = source.split(before).length - 1;
    return times === 1 ? [] : [`"${guard}": this stands ${times} times in ${file}, not once:\n${before}`];
  });
}
