import { join } from 'node:path';
import {
  fetchedByMaven,
  freePortsFor,
  javaArgs,
  javaCommand,
  javaEnv,
  requireJava,
  startDaemon,
  temporaryFolder,
} from '@orderflow/local';

const OLDEST_JAVA = 21;
const HEAP_MB = 384;

/**
 * Starts an Apicurio Registry newer than the embedded one, with its default storage, a database in memory; it ends with this
 * process.
 * @param name folder beside this file with its pom.xml
 * @returns the base of its Confluent REST API
 * @throws SetupError on a Java before 21
 */
export async function startApicurio(name: string): Promise<string> {
  await requireJava(OLDEST_JAVA);
  const folder = await fetchedByMaven(name, join(import.meta.dirname, name, 'pom.xml'));
  const { http, management } = await freePortsFor(['http', 'management']);
  const url = `http://127.0.0.1:${http}/apis/ccompat/v7`;
  const settings = {
    'quarkus.http.host': '127.0.0.1',
    'quarkus.http.port': http,
    'quarkus.management.host': '127.0.0.1',
    'quarkus.management.port': management,
    'quarkus.log.level': 'WARN',
  };
  const flags = Object.entries(settings).map(([key, value]) => `-D${key}=${value}`);
  const dir = temporaryFolder('parts');
  await startDaemon({
    name: `The schema registry ${name}`,
    command: javaCommand(),
    args: [...javaArgs(HEAP_MB), ...flags, '-jar', join(folder, 'quarkus-run.jar')],
    options: { cwd: dir, env: javaEnv() },
    log: join(dir, 'registry.log'),
    ready: async () => {
      const { ok, status } = await fetch(`${url}/subjects`, { signal: AbortSignal.timeout(5_000) });
      if (!ok) throw new Error(`it answers ${status}`);
    },
  });
  return url;
}
