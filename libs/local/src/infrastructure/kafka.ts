import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { artifactFolder } from './artifacts.js';
import { type Part, startDaemon, waitForPredecessor } from '../process/daemon.js';
import { javaArgs, javaCommand, requireJava } from '../process/java.js';
import { groupsAreServed } from './kafka-probe.js';
import { assertPortFree } from '../process/ports.js';
import { runGuarded } from '../process/processes.js';
import { reasonOf, SetupError } from '../process/setup-error.js';

interface KafkaOptions {
  /** Folder of the topics, kept over restarts; created when missing. One broker at a time. */
  dataDir: string;
  /** TCP port on 127.0.0.1 for clients. */
  port: number;
  /** TCP port on 127.0.0.1 for the broker's own controller (KRaft). */
  controllerPort: number;
  /** Log file of the broker. */
  log: string;
  /**
   * A second port on 127.0.0.1 for clients behind a proxy: the broker advertises the `advertised` port to them, on which the
   * proxy listens.
   */
  proxied?: { port: number; advertised: number };
}

interface Kafka extends Part {
  /** `127.0.0.1:port` */
  brokers: string;
}

/** `server.properties` of one node that is both broker and controller (https://kafka.apache.org/documentation/#brokerconfigs). */
export function serverProperties(
  logDir: string,
  { port, controllerPort, proxied }: Pick<KafkaOptions, 'port' | 'controllerPort' | 'proxied'>,
): string {
  const listeners: [name: string, port: number, advertised: number][] = [['PLAINTEXT', port, port]];
  if (proxied !== undefined) listeners.push(['PROXIED', proxied.port, proxied.advertised]);
  const values = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    listeners: [...listeners, ['CONTROLLER', controllerPort]].map(([name, at]) => `${name}://127.0.0.1:${at}`).join(),
    'advertised.listeners': listeners.map(([name, , at]) => `${name}://127.0.0.1:${at}`).join(),
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,PROXIED:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'log.dirs': logDir,
    'auto.create.topics.enable': false,
    // Otherwise the first member of a group waits 3 s for others at every start.
    'group.initial.rebalance.delay.ms': 0,
    'offsets.topic.num.partitions': 4,
    'offsets.topic.replication.factor': 1,
    'transaction.state.log.num.partitions': 1,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'share.coordinator.state.topic.num.partitions': 1,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    'default.replication.factor': 1,
    'min.insync.replicas': 1,
    'num.network.threads': 2,
    'num.io.threads': 4,
    // The default of 128 MB is a quarter of the heap.
    'log.cleaner.dedupe.buffer.size': 16 * 1024 * 1024,
  };
  // A backslash is an escape character in this format.
  return Object.entries(values)
    .map(([name, value]) => `${name}=${String(value).replaceAll('\\', '/')}\n`)
    .join('');
}

/** 16 random bytes in base64url. Not with a leading minus, which kafka.tools.StorageTool takes for an option. */
export const clusterId = (bytes = randomBytes(16)): string => bytes.toString('base64url').replace(/^-/, 'A');

async function format(java: string, classPath: string, dataDir: string, options: KafkaOptions): Promise<void> {
  const building = join(dataDir, 'logs.new');
  const properties = join(dataDir, 'format.properties');
  await rm(building, { recursive: true, force: true });
  await writeFile(properties, serverProperties(building, options));
  const id = clusterId();
  const args = [...javaArgs(256), '-cp', classPath, 'kafka.tools.StorageTool', 'format', '-t', id, '-c', properties];
  await runGuarded(java, args, { cwd: dataDir }).catch((error: unknown) => {
    throw new SetupError(`Kafka's storage cannot be prepared in ${dataDir}: ${reasonOf(error)}`);
  });
  await rm(properties);
  // Renamed when complete: a folder cannot be used after a kill during its creation.
  await rename(building, join(dataDir, 'logs'));
}

/**
 * Starts an Apache Kafka (one node, KRaft) and resolves once it serves topics and consumer groups. It never creates a topic by
 * itself. A SIGKILL loses no acknowledged record; a power cut may.
 * @throws SetupError when Java or Maven is missing, a port is taken, or the broker does not start
 */
export async function startKafka(options: KafkaOptions): Promise<Kafka> {
  const { dataDir, port, controllerPort, log } = options;
  await waitForPredecessor('Kafka', log);
  await assertPortFree(port, 'Kafka', 'KAFKA_PORT');
  await assertPortFree(controllerPort, "Kafka's controller", 'KAFKA_CONTROLLER_PORT');
  await requireJava();
  const java = javaCommand();
  const classPath = join(await artifactFolder('kafka'), '*');
  await mkdir(dataDir, { recursive: true });
  const logDir = join(dataDir, 'logs');
  if (!existsSync(logDir)) await format(java, classPath, dataDir, options);
  const properties = join(dataDir, 'server.properties');
  await writeFile(properties, serverProperties(logDir, options));
  const brokers = `127.0.0.1:${port}`;
  const quiet = '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn';
  const daemon = await startDaemon({
    name: 'Kafka',
    command: java,
    args: [...javaArgs(512), quiet, '-cp', classPath, 'kafka.Kafka', properties],
    options: { cwd: dataDir },
    log,
    ready: async () => groupsAreServed(brokers),
  });
  return { brokers, ...daemon };
}
