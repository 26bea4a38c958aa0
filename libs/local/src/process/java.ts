import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { reasonOf, SetupError } from './setup-error.js';

const run = promisify(execFile);
const OLDEST = 17;
const remedy = (oldest: number): string =>
  `install a JDK >= ${oldest} with Maven, or set KAFKA_BROKERS and SCHEMA_REGISTRY_URL to your own`;

/** The `java` of JAVA_HOME where that is set, as Maven does, else the one on PATH. */
export function javaCommand(): string {
  const home = process.env['JAVA_HOME'];
  return home === undefined || home === '' ? 'java' : join(home, 'bin', 'java');
}

/** The main version in the output of `java -version`: 8 for "1.8.0_392", 17 for "17.0.15", 26 for "26-ea". */
export function mainVersion(output: string): number | undefined {
  const [, first, second] = /version "(\d+)(?:\.(\d+))?/.exec(output) ?? [];
  if (first === undefined) return undefined;
  return Number(first === '1' ? second : first);
}

/**
 * Checks that a Java is installed on which a part runs.
 * @param oldest main version, by default the one that the embedded Kafka and registry need
 * @throws SetupError when there is none, or it is too old
 */
export async function requireJava(oldest = OLDEST): Promise<void> {
  const command = javaCommand();
  const output = await run(command, ['-version']).catch((error: unknown) => {
    throw new SetupError(`Java does not run (${command}: ${reasonOf(error)}): ${remedy(oldest)}.`);
  });
  const version = mainVersion(output.stderr + output.stdout);
  if (version === undefined || version < oldest) {
    throw new SetupError(`Java ${version ?? 'of unknown version'} is too old (${command}): ${remedy(oldest)}.`);
  }
}

/** The environment of a Java program. Java reads its paths by the locale: in the one of POSIX, letters beyond ASCII are lost. */
export const javaEnv = (): NodeJS.ProcessEnv => ({ ...process.env, LC_ALL: 'C.UTF-8' });

/** Memory and compiler settings for a server that shares few cores with a whole system. */
export function javaArgs(heapMb: number): string[] {
  // C1 only: within the first minutes C2 costs more CPU than it saves.
  return [`-Xmx${heapMb}m`, '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
}
