import { join } from 'node:path';
import { type ServiceName, serviceNames, type ServiceUrls } from '@orderflow/client';
import { databaseUrlOf, migrate } from './migrations.js';
import { freeSystemPorts, type SystemPorts, usualPorts } from './ports.js';
import { repository, ServiceProcess } from './service.js';
import { createTopics } from './topics.js';

export { type ServiceName, serviceNames } from '@orderflow/client';
export { startTimeOf } from '../process/process-identity.js';
export { databaseUrlOf, migrate, type MigrateOptions } from './migrations.js';
export { freeSystemPorts, portFrom, type SystemPorts, usualPorts } from './ports.js';
export { ServiceProcess, type ServiceSpec } from './service.js';
export { createTopics } from './topics.js';

export interface SystemOptions {
  infrastructure: { databaseUrl: string; kafkaBrokers: string; schemaRegistryUrl: string };
  /** Before every topic's name: several systems can share a broker. */
  topicPrefix: string;
  /** Before every database's name: several systems can share a server. */
  databasePrefix: string;
  /** `default`: the usual ones, or those that `ORDERS_PORT` and its like name. */
  ports: 'default' | 'free';
  /** Variables for one service, or for `all` of them; they win over ours. */
  env?: Partial<Record<ServiceName | 'all', Record<string, string>>>;
  /** Folder that takes `<service>.log`; the last run's is kept as `<service>.log.1`. */
  log: string;
  /** Told in one line when a service ends although nobody here ended it. */
  onExit?: (service: ServiceName, how: string) => void;
}

export interface System {
  /** `http://127.0.0.1:port` of each service. */
  readonly urls: ServiceUrls;
  service(name: ServiceName): Pick<ServiceProcess, 'pid' | 'kill' | 'start'>;
  /** Lets all of them end in an orderly way, the outside world last, and returns once they are gone. */
  stop(): Promise<void>;
}

/** What decides on databases, topics and settings of a system. */
export type SystemSettings = Pick<SystemOptions, 'infrastructure' | 'topicPrefix' | 'databasePrefix' | 'env'>;

/** Creates what is missing of a system's databases, tables and topics. */
export async function prepareSystem({
  infrastructure,
  topicPrefix,
  databasePrefix,
}: Omit<SystemSettings, 'env'>): Promise<void> {
  await Promise.all([
    createTopics(infrastructure.kafkaBrokers, topicPrefix),
    ...serviceNames.map(async (name) =>
      migrate({
        databaseUrl: databaseUrlOf(infrastructure.databaseUrl, databasePrefix + name),
        folder: join(repository, 'prisma', name, 'migrations'),
      }),
    ),
  ]);
}

/** The environment of one service of a system. @param ports its own, and those at which it looks for the others */
export function serviceEnv(name: ServiceName, ports: SystemPorts, options: SystemSettings): NodeJS.ProcessEnv {
  const { databaseUrl, kafkaBrokers, schemaRegistryUrl } = options.infrastructure;
  return {
    ...process.env,
    HOST: '127.0.0.1',
    PORT: String(ports[name]),
    DATABASE_URL: databaseUrlOf(databaseUrl, options.databasePrefix + name),
    KAFKA_BROKERS: kafkaBrokers,
    SCHEMA_REGISTRY_URL: schemaRegistryUrl,
    SCHEMA_AUTO_REGISTER: 'true',
    TOPIC_PREFIX: options.topicPrefix,
    PAYMENT_PROVIDER_URL: `http://127.0.0.1:${ports.sandbox}`,
    SMTP_PORT: String(ports.smtp),
    SMTP_URL: `smtp://127.0.0.1:${ports.smtp}`,
    OTEL_SERVICE_NAME: name,
    ...options.env?.all,
    ...options.env?.[name],
  };
}

async function startEach(processes: readonly ServiceProcess[]): Promise<void> {
  const results = await Promise.allSettled(processes.map(async (it) => it.start()));
  const failed = results.find((it) => it.status === 'rejected');
  if (failed === undefined) return;
  await Promise.all(processes.map(async (it) => it.stop()));
  throw failed.reason;
}

/**
 * Creates databases, tables and topics as far as they are missing, starts the sandbox and the four services as children of this
 * process, and returns once all of them are ready. They end when this process does, however it dies.
 * @throws SetupError (or Kafka's own) with one line; whatever had been started is ended first
 */
export async function startSystem(options: SystemOptions): Promise<System> {
  const ports = options.ports === 'free' ? await freeSystemPorts() : await usualPorts(options.log);
  await prepareSystem(options);
  const processes = Object.fromEntries(
    serviceNames.map((name) => {
      const { log, onExit = () => undefined } = options;
      const env = serviceEnv(name, ports, options);
      return [name, new ServiceProcess({ name, port: ports[name], env, log: join(log, `${name}.log`), onExit })];
    }),
  ) as Record<ServiceName, ServiceProcess>;
  await startEach(Object.values(processes));
  const { sandbox, ...services } = processes;
  return {
    urls: Object.fromEntries(serviceNames.map((name) => [name, `http://127.0.0.1:${ports[name]}`])) as ServiceUrls,
    service: (name) => processes[name],
    stop: async () => {
      await Promise.all(Object.values(services).map(async (it) => it.stop()));
      await sandbox.stop();
    },
  };
}
