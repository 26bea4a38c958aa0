import { join } from 'node:path';
import {
  fetchedByMaven,
  freePort,
  javaArgs,
  javaCommand,
  javaEnv,
  requireJava,
  startDaemon,
  temporaryFolder,
} from '@orderflow/local';

const OLDEST_JAVA = 21;

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
  const port = await freePort();
  const base = `http://127.0.0.1:${port}`;
  const settings = { 'quarkus.http.host': '127.0.0.1', 'quarkus.http.port': port, 'quarkus.log.level': 'WARN' };
  const dir = temporaryFolder('parts');
  await startDaemon({
    name: `The schema registry ${name}`,
    command: javaCommand(),
    args: [
      ...javaArgs(384),
      ...Object.entries(settings).map(([key, value]) => `-D${key}=${value}`),
      '-jar',
      join(folder, 'quarkus-run.jar'),
    ],
    options: { cwd: dir, env: javaEnv() },
    log: join(dir, 'registry.log'),
    ready: async () => {
      const { ok, status } = await fetch(`${base}/health/ready`, { signal: AbortSignal.timeout(5_000) });
      if (!ok) throw new Error(`it answers ${status}`);
    },
  });
  return `${base}/apis/ccompat/v7`;
}
