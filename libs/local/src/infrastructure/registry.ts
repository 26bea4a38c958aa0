import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { KafkaSecurity } from '@orderflow/kafka';
import { artifactFolder } from './artifacts.js';
import { type Part, startDaemon, waitForPredecessor } from '../process/daemon.js';
import { javaArgs, javaCommand, javaEnv, requireJava } from '../process/java.js';
import { assertPortFree } from '../process/ports.js';
import { writeSecretFile } from '../process/secret.js';
import { SetupError } from '../process/setup-error.js';
import { registryProperties } from './registry-properties.js';

interface RegistryOptions {
  /** `host:port` of the Kafka that stores the schemas (topic `kafkasql-journal`), so that their ids survive a restart. */
  kafkaBrokers: string;
  /** How it logs in there. */
  security: KafkaSecurity;
  /** Its working directory, made when it is missing. */
  dir: string;
  /** TCP port on 127.0.0.1. */
  port: number;
  /** Log file of the registry. */
  log: string;
}

/** A file for the password: every user of the machine can read the arguments of a process. */
const SETTINGS = 'registry.properties';

interface Registry extends Part {
  /** Base of its Confluent REST API: `http://127.0.0.1:port/apis/ccompat/v7`. */
  url: string;
}

async function answers(url: string): Promise<void> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(5_000) });
  await answer.arrayBuffer();
  if (!answer.ok) throw new Error(`it answers ${answer.status}`);
}

/** @throws Error unless a registry of any make answers with 2xx within 5 s */
export const registryAnswers = async (url: string): Promise<void> => answers(`${url}/subjects`);

async function runnerJar(): Promise<string> {
  const folder = await artifactFolder('registry');
  const jar = (await readdir(folder)).find((name) => name.endsWith('-runner.jar'));
  if (jar === undefined)
    throw new SetupError(`The registry's archive is incomplete: remove ${folder} and start again.`);
  return join(folder, jar);
}

/**
 * Starts an Apicurio Registry and resolves once it answers.
 * @throws SetupError when Java or Maven is missing, the port is taken, or the registry does not start
 */
export async function startRegistry({ kafkaBrokers, security, dir, port, log }: RegistryOptions): Promise<Registry> {
  await waitForPredecessor('The schema registry', log);
  await assertPortFree(port, 'the schema registry', 'REGISTRY_PORT');
  await requireJava();
  const jar = await runnerJar();
  await mkdir(dir, { recursive: true });
  await writeSecretFile(join(dir, SETTINGS), registryProperties(security));
  const properties = {
    'quarkus.http.host': '127.0.0.1',
    'quarkus.http.port': port,
    'quarkus.log.level': 'WARN',
    'apicurio.storage.kind': 'kafkasql',
    'apicurio.kafkasql.bootstrap.servers': kafkaBrokers,
    // Relative: the setting is a list, and the path of the directory may have commas.
    'quarkus.config.locations': SETTINGS,
  };
  const settings = Object.entries(properties).map(([name, value]) => `-D${name}=${value}`);
  const base = `http://127.0.0.1:${port}`;
  const daemon = await startDaemon({
    name: 'The schema registry',
    command: javaCommand(),
    args: [...javaArgs(256), ...settings, '-jar', jar],
    options: { cwd: dir, env: javaEnv() },
    log,
    // Until it has read its journal, it answers requests as if it knew no schema and no rule.
    ready: async () => answers(`${base}/health/ready`),
  });
  return { url: `${base}/apis/ccompat/v7`, ...daemon };
}
