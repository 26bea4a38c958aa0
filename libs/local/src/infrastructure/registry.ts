import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { KafkaAcl } from '@orderflow/contracts';
import { artifactFolder } from './artifacts.js';
import { scramLogin } from './kafka-properties.js';
import { type Part, startDaemon, waitForPredecessor } from '../process/daemon.js';
import { javaArgs, javaCommand, javaEnv, requireJava } from '../process/java.js';
import { assertPortFree } from '../process/ports.js';
import { writeSecretFile } from '../process/secret.js';
import { SetupError } from '../process/setup-error.js';

interface RegistryOptions {
  /** `host:port` of the Kafka that stores the schemas (topic `kafkasql-journal`), so that their ids survive a restart. */
  kafkaBrokers: string;
  /** TCP port on 127.0.0.1. */
  port: number;
  /** Log file of the registry. */
  log: string;
  /** How it logs in at a secure Kafka. */
  security?: RegistrySecurity;
}

interface RegistrySecurity {
  /** File with the certificate of the authority that has signed that of the brokers, PEM. */
  authorityFile: string;
  /** Of the user `registry`. */
  password: string;
}

/** The topics and groups of Apicurio's storage in Kafka: what its user may do there. */
export const registryAcls: readonly KafkaAcl[] = [
  ...['kafkasql-journal', 'kafkasql-snapshots', 'registry-events'].flatMap((name) =>
    ['create', 'read', 'write', 'describe_configs'].map((operation) => ({
      principal: 'registry',
      operation,
      resource: 'topic',
      match: 'literal',
      name,
    })),
  ),
  // A new group at each start.
  { principal: 'registry', operation: 'read', resource: 'group', match: 'prefixed', name: 'apicurio-' },
];

/** Settings that every Kafka client of it takes, in a file: everybody can read the arguments of a process. */
const securitySettings = ({ authorityFile, password }: RegistrySecurity): string =>
  Object.entries({
    'security.protocol': 'SASL_SSL',
    'sasl.mechanism': 'SCRAM-SHA-512',
    'sasl.jaas.config': scramLogin('registry', password),
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.location': authorityFile,
  })
    .map(([name, value]) => `apicurio.kafka.common.${name}=${value}\n`)
    .join('');

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
export async function startRegistry({ kafkaBrokers, port, log, security }: RegistryOptions): Promise<Registry> {
  await waitForPredecessor('The schema registry', log);
  await assertPortFree(port, 'the schema registry', 'REGISTRY_PORT');
  await requireJava();
  const jar = await runnerJar();
  const folder = dirname(log);
  if (security !== undefined) await writeSecretFile(join(folder, SETTINGS), securitySettings(security));
  const properties = {
    'quarkus.http.host': '127.0.0.1',
    'quarkus.http.port': port,
    'quarkus.log.level': 'WARN',
    'apicurio.storage.kind': 'kafkasql',
    'apicurio.kafkasql.bootstrap.servers': kafkaBrokers,
    ...(security && { 'quarkus.config.locations': SETTINGS }),
  };
  const settings = Object.entries(properties).map(([name, value]) => `-D${name}=${value}`);
  const base = `http://127.0.0.1:${port}`;
  const daemon = await startDaemon({
    name: 'The schema registry',
    command: javaCommand(),
    args: [...javaArgs(256), ...settings, '-jar', jar],
    options: { cwd: folder, env: javaEnv() },
    log,
    // Until it has read its journal, it answers requests as if it knew no schema and no rule.
    ready: async () => answers(`${base}/health/ready`),
  });
  return { url: `${base}/apis/ccompat/v7`, ...daemon };
}
