import { join } from 'node:path';
import { type ServiceUrls, USUAL_CONSOLE_PORT } from '@orderflow/client';
import { databaseUrlOf } from '../infrastructure/postgres.js';
import { waitForPredecessor } from '../process/daemon.js';
import { assertPortFree } from '../process/ports.js';
import { kafkaLoginEnv } from '../security/logins.js';
import { authEnv } from './auth.js';
import { databaseUrlAs, prepareDatabases } from './databases.js';
import { portFrom } from './ports.js';
import { ServiceProcess } from './service.js';
import type { SystemOptions } from './system.js';

const PORT = 'CONSOLE_PORT';

export interface ConsoleOptions extends Pick<
  SystemOptions,
  'infrastructure' | 'topicPrefix' | 'databasePrefix' | 'auth' | 'log'
> {
  /** The services that its pages ask and command. The examples of the first page, and breaking the sandbox, are switched on. */
  urls: ServiceUrls;
  /** That of its orders; by default ORDER_DEADLINE_SECONDS of the environment. */
  orderDeadlineSeconds?: number;
  /** An operator's token, with which it reads outboxes and dead letters of services that have a login. */
  token?: string;
  /** Options of its Node.js, such as a bound of its heap; by default NODE_OPTIONS of the environment. */
  nodeOptions?: string;
  /** By default that of CONSOLE_PORT, or 3000. */
  port?: number;
  /** Called with one line when it ends unexpectedly. */
  onExit?: (program: 'console', how: string) => void;
}

/** The console of a system. It may be killed at any time: the system does without it. */
export interface Console extends Pick<ServiceProcess<'console'>, 'pid' | 'kill' | 'start' | 'stop'> {
  /** `http://127.0.0.1:port` */
  readonly url: string;
}

/** @throws SetupError when the port is taken */
export async function assertConsolePort(log: string): Promise<number> {
  await waitForPredecessor('The console', join(log, 'console.log'));
  const port = portFrom(PORT, USUAL_CONSOLE_PORT);
  await assertPortFree(port, 'console', PORT);
  return port;
}

/** The variables by which the console reaches the parts of a system, and knows its callers. */
export const consoleEnv = ({
  infrastructure: { databaseUrl, kafkaBrokers, schemaRegistryUrl, logins },
  topicPrefix,
  databasePrefix,
  auth = 'off',
}: Pick<ConsoleOptions, 'infrastructure' | 'topicPrefix' | 'databasePrefix' | 'auth'>): NodeJS.ProcessEnv => ({
  ...process.env,
  HOST: '127.0.0.1',
  DATABASE_URL: databaseUrlAs('console', databaseUrlOf(databaseUrl, `${databasePrefix}console`), logins),
  KAFKA_BROKERS: kafkaBrokers,
  ...kafkaLoginEnv(logins, 'console'),
  SCHEMA_REGISTRY_URL: schemaRegistryUrl,
  TOPIC_PREFIX: topicPrefix,
  OTEL_SERVICE_NAME: 'console',
  ...authEnv(auth),
});

/**
 * Creates the console's database, starts it on the topics of a system, and resolves once it is ready. It listens on the
 * loopback address alone.
 * @throws SetupError with one line
 */
export async function startConsole(options: ConsoleOptions): Promise<Console> {
  const { infrastructure, databasePrefix, log, urls, onExit = () => undefined } = options;
  const port = options.port ?? (await assertConsolePort(log));
  await prepareDatabases(infrastructure, databasePrefix, ['console']);
  const env = {
    ...consoleEnv(options),
    PORT: String(port),
    ...Object.fromEntries(Object.entries(urls).map(([name, url]) => [`${name.toUpperCase()}_URL`, url])),
    EXAMPLES: 'on',
    BREAKS: 'on',
    ...(options.orderDeadlineSeconds && { ORDER_DEADLINE_SECONDS: String(options.orderDeadlineSeconds) }),
    ...(options.nodeOptions !== undefined && { NODE_OPTIONS: options.nodeOptions }),
    CONSOLE_TOKEN: options.token,
  };
  const running = new ServiceProcess({ name: 'console', port, env, log: join(log, 'console.log'), onExit });
  await running.start();
  return Object.assign(running, { url: `http://127.0.0.1:${port}` });
}
