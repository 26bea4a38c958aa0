import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { reasonOf, SetupError } from './setup-error.js';

const run = promisify(execFile);
const OLDEST = 17;
const MEND = `install a JDK >= ${OLDEST} with Maven, or set KAFKA_BROKERS and SCHEMA_REGISTRY_URL to ones of yours`;

/** The `java` that is used: of JAVA_HOME where that is set, as Maven does, else the one on PATH. */
export function javaCommand(): string {
  const home = process.env['JAVA_HOME'];
  return home === undefined || home === '' ? 'java' : join(home, 'bin', 'java');
}

/** The main version in what `java -version` prints: 8 for "1.8.0_392", 17 for "17.0.15", 26 for "26-ea". */
export function mainVersion(output: string): number | undefined {
  const [, first, second] = /version "(\d+)(?:\.(\d+))?/.exec(output) ?? [];
  if (first === undefined) return undefined;
  return Number(first === '1' ? second : first);
}

/**
 * Makes sure that there is a Java that Kafka and the registry run on.
 * @throws SetupError when there is none, or it is too old
 */
export async function requireJava(): Promise<void> {
  const command = javaCommand();
  const output = await run(command, ['-version']).catch((error: unknown) => {
    throw new SetupError(`Java does not run (${command}: ${reasonOf(error)}): ${MEND}.`);
  });
  const version = mainVersion(output.stderr + output.stdout);
  if (version === undefined || version < OLDEST) {
    throw new SetupError(`Java ${version ?? 'of unknown version'} is too old (${command}): ${MEND}.`);
  }
}

/** Memory and compiler settings that suit a server beside a whole system on few cores. */
export function javaArgs(heapMb: number): string[] {
  // The quick compiler only: the thorough one costs more in the first minutes than it gives back, and cores are few.
  return [`-Xmx${heapMb}m`, '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
}
