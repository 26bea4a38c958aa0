import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { KafkaSecurity } from '@orderflow/kafka';
import { artifactFolder } from './artifacts.js';
import { type Part, startDaemon, waitForPredecessor } from '../process/daemon.js';
import { javaArgs, javaCommand, javaEnv, requireJava } from '../process/java.js';
import { groupsAreServed } from './kafka-probe.js';
import {
  clusterId,
  formatArgs,
  KEY_STORE,
  type KafkaPlace,
  keyStore,
  LOG_DIR,
  serverProperties,
  TRUST_STORE,
} from './kafka-properties.js';
import { assertPortFree } from '../process/ports.js';
import { runGuarded } from '../process/processes.js';
import { writeSecretFile } from '../process/secret.js';
import { reasonOf, SetupError } from '../process/setup-error.js';

interface KafkaOptions extends KafkaPlace {
  /** Folder of the broker, kept over restarts; created when missing. One broker at a time. */
  dataDir: string;
  /** Log file of the broker. */
  log: string;
  /** Of its Java process, MB (512). */
  heapMb?: number;
}

export interface Kafka extends Part {
  /** `127.0.0.1:port` */
  brokers: string;
}

async function format(java: string, classPath: string, options: KafkaOptions): Promise<void> {
  const { dataDir, member, security } = options;
  const building = `${LOG_DIR}.new`;
  const properties = 'format.properties';
  await rm(join(dataDir, building), { recursive: true, force: true });
  await writeSecretFile(join(dataDir, properties), serverProperties(building, options));
  const args = 'format.args';
  const id = member?.clusterId ?? clusterId();
  await writeSecretFile(join(dataDir, args), formatArgs(properties, id, security?.logins));
  const env = { ...javaEnv(), CLASSPATH: classPath };
  await runGuarded(java, [...javaArgs(256), `@${args}`], { cwd: dataDir, env }).catch((error: unknown) => {
    throw new SetupError(`Kafka's storage cannot be prepared in ${dataDir}: ${reasonOf(error)}`);
  });
  await Promise.all([properties, args].map(async (file) => rm(join(dataDir, file))));
  // Renamed when complete: a folder cannot be used after a kill during its creation.
  await rename(join(dataDir, building), join(dataDir, LOG_DIR));
}

async function writeCertificates({ dataDir, security }: KafkaOptions): Promise<void> {
  if (security === undefined) return;
  const { certified, authority } = security;
  await writeSecretFile(join(dataDir, KEY_STORE), keyStore(certified));
  await writeSecretFile(join(dataDir, TRUST_STORE), authority);
}

/** The login with which a secure broker is asked whether it is ready. A plain one is asked without, whatever the environment has. */
const probeSecurity = ({ security }: KafkaOptions): KafkaSecurity =>
  security === undefined
    ? {}
    : {
        tls: { ca: security.authority },
        sasl: { mechanism: 'scram-sha-512', username: 'admin', password: security.logins.admin },
      };

/**
 * Starts an Apache Kafka (one node, KRaft) and resolves once it serves topics and consumer groups. It never creates a topic by
 * itself. A SIGKILL loses no acknowledged record; a power cut may. Several are started by {@link KafkaCluster}.
 * @throws SetupError when Java or Maven is missing, a port is taken, or the broker does not start
 */
export async function startKafka(options: KafkaOptions): Promise<Kafka> {
  const { dataDir, port, controllerPort, log, heapMb = 512 } = options;
  await waitForPredecessor('Kafka', log);
  await assertPortFree(port, 'Kafka', 'KAFKA_PORT');
  await assertPortFree(controllerPort, "Kafka's controller", 'KAFKA_CONTROLLER_PORT');
  await requireJava();
  const java = javaCommand();
  const classPath = join(await artifactFolder('kafka'), '*');
  await mkdir(dataDir, { recursive: true });
  if (!existsSync(join(dataDir, LOG_DIR))) await format(java, classPath, options);
  const properties = 'server.properties';
  await writeSecretFile(join(dataDir, properties), serverProperties(LOG_DIR, options));
  await writeCertificates(options);
  const brokers = `127.0.0.1:${port}`;
  const quiet = '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn';
  const daemon = await startDaemon({
    name: 'Kafka',
    command: java,
    args: [...javaArgs(heapMb), quiet, '-cp', classPath, 'kafka.Kafka', properties],
    options: { cwd: dataDir, env: javaEnv() },
    log,
    ready: async () => groupsAreServed(brokers, probeSecurity(options)),
  });
  return { brokers, ...daemon };
}
