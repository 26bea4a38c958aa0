import { join } from 'node:path';
import { type ServiceName, serviceNames, type ServiceUrls } from '@orderflow/client';
import { databaseUrlOf } from '../infrastructure/postgres.js';
import { freePort } from '../process/ports.js';
import { kafkaLoginEnv, kafkaSecurityAs, type Logins } from '../security/logins.js';
import { type Auth, authEnv } from './auth.js';
import { databaseUrlAs, prepareDatabases } from './databases.js';
import { freeSystemPorts, type SystemPorts, usualPorts } from './ports.js';
import { type Secrets, secretsOf } from './secrets.js';
import { ServiceProcess } from './service.js';
import { allowPrograms, createTopics, registerSchemas } from './topics.js';

export interface SystemOptions {
  infrastructure: { databaseUrl: string; kafkaBrokers: string; schemaRegistryUrl: string; logins?: Logins };
  /** Prefix of every topic name: several systems can share a broker. */
  topicPrefix: string;
  /** Prefix of every database name: several systems can share a server. */
  databasePrefix: string;
  secrets: Secrets;
  /** By default `off`. */
  auth?: Auth;
  /** `default`: the ports of `ORDERS_PORT` etc., or their defaults. */
  ports: 'default' | 'free';
  /** Variables for one service, or for `all` of them; they override the defaults. */
  env?: Partial<Record<ServiceName | 'all', Record<string, string>>>;
  /** Folder of `<service>.log`; the log of the previous run is kept as `<service>.log.1`. */
  log: string;
  /** Called with one line when a service ends unexpectedly. */
  onExit?: (service: ServiceName, how: string) => void;
}

export interface System {
  /** `http://127.0.0.1:port` of each service. */
  readonly urls: ServiceUrls;
  service(name: ServiceName): Pick<ServiceProcess, 'pid' | 'kill' | 'start'>;
  /** Starts another process of a service, a further member of its consumer groups, and resolves once it is ready. */
  addMember(name: Exclude<ServiceName, 'sandbox'>): Promise<Pick<ServiceProcess, 'pid'>>;
  /** Stops all services in an orderly way, the sandbox last, and resolves once they have ended. */
  stop(): Promise<void>;
}

/** The options that determine databases, topics and settings of a system. */
export type SystemSettings = Pick<
  SystemOptions,
  'infrastructure' | 'topicPrefix' | 'databasePrefix' | 'secrets' | 'auth' | 'env'
>;

/** Creates the missing databases, tables and topics of a system. */
export async function prepareSystem({
  infrastructure,
  topicPrefix,
  databasePrefix,
}: Omit<SystemSettings, 'secrets' | 'auth' | 'env'>): Promise<void> {
  await Promise.all([
    prepareKafka(infrastructure, topicPrefix),
    prepareDatabases(infrastructure, databasePrefix, serviceNames),
  ]);
}

/** In a secure system the programs may make neither topics nor schemas. */
async function prepareKafka(infrastructure: SystemOptions['infrastructure'], topicPrefix: string): Promise<void> {
  const { kafkaBrokers, schemaRegistryUrl, logins } = infrastructure;
  await createTopics(kafkaBrokers, topicPrefix, await kafkaSecurityAs('admin', logins));
  if (logins === undefined) return;
  await allowPrograms(kafkaBrokers, topicPrefix, await kafkaSecurityAs('admin', logins));
  await registerSchemas(schemaRegistryUrl);
}

/** The environment of one service of a system. @param ports of all services */
export function serviceEnv(name: ServiceName, ports: SystemPorts, options: SystemSettings): NodeJS.ProcessEnv {
  const { databaseUrl, kafkaBrokers, schemaRegistryUrl, logins } = options.infrastructure;
  return {
    ...process.env,
    HOST: '127.0.0.1',
    PORT: String(ports[name]),
    DATABASE_URL: databaseUrlAs(name, databaseUrlOf(databaseUrl, options.databasePrefix + name), logins),
    KAFKA_BROKERS: kafkaBrokers,
    ...(name !== 'sandbox' && kafkaLoginEnv(logins, name)),
    SCHEMA_REGISTRY_URL: schemaRegistryUrl,
    SCHEMA_AUTO_REGISTER: String(logins === undefined),
    TOPIC_PREFIX: options.topicPrefix,
    PAYMENT_PROVIDER_URL: `http://127.0.0.1:${ports.sandbox}`,
    SMTP_PORT: String(ports.smtp),
    SMTP_URL: `smtp://127.0.0.1:${ports.smtp}`,
    OTEL_SERVICE_NAME: name,
    ...authEnv(options.auth ?? 'off'),
    ...secretsOf(name, options.secrets),
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
 * Creates missing databases, tables and topics, starts the sandbox and the four services as children of this process, and
 * resolves once all of them are ready. They end with this process, also after a SIGKILL.
 * @throws SetupError or KafkaSetupError with one line; started services are stopped first
 */
export async function startSystem(options: SystemOptions): Promise<System> {
  const ports = options.ports === 'free' ? await freeSystemPorts() : await usualPorts(options.log);
  await prepareSystem(options);
  const { onExit = () => undefined } = options;
  const processOf = (name: ServiceName, port: number, log: string) => {
    const env = serviceEnv(name, { ...ports, [name]: port }, options);
    return new ServiceProcess({ name, port, env, log: join(options.log, `${log}.log`), onExit });
  };
  const processes = Object.fromEntries(
    serviceNames.map((name) => [name, processOf(name, ports[name], name)]),
  ) as Record<ServiceName, ServiceProcess>;
  await startEach(Object.values(processes));
  const { sandbox, ...services } = processes;
  const members: ServiceProcess[] = [];
  return {
    urls: Object.fromEntries(serviceNames.map((name) => [name, `http://127.0.0.1:${ports[name]}`])) as ServiceUrls,
    service: (name) => processes[name],
    addMember: async (name) => {
      const member = processOf(name, await freePort(), `${name}.member-${members.length + 1}`);
      members.push(member);
      await member.start();
      return member;
    },
    stop: async () => {
      await Promise.all([...members, ...Object.values(services)].map(async (it) => it.stop()));
      await sandbox.stop();
    },
  };
}
