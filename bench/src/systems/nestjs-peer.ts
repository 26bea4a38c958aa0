import { type NewProduct, type ServiceName, serviceNames } from '@orderflow/client';
import type { Service } from '@orderflow/contracts';
import {
  connected,
  databaseUrlOf,
  dropDatabase,
  freePortsFor,
  migrate,
  newSecrets,
  serviceEnv,
  ServiceProcess,
  type SystemPorts,
  type SystemSettings,
  type TemporaryStack,
} from '@orderflow/local';
import { join } from 'node:path';
import { root } from '../../../ops/src/demo/running-system.ts';
import type { Books, Contender, MeasuredSystem } from './measured-system.ts';
import { installPeer } from './peer-package.ts';

const PACKAGE = 'nestjs';

type Publishing = 'outbox' | 'after-write';

const books: Books = {
  orders: `
    SELECT id AS "orderId", status, settled_at IS NOT NULL AS settled, total_minor::float8 AS "totalMinor",
           extract(epoch FROM decided_at)::float8 * 1000 AS "decidedAt",
           extract(epoch FROM settled_at)::float8 * 1000 AS "settledAt" FROM orders`,
  settled: 'SELECT count(*)::int AS settled FROM orders WHERE settled_at IS NOT NULL',
  stock: 'SELECT sku, available + reserved AS "onHand", reserved FROM stock',
};
const UNSENT = 'SELECT count(*)::int AS unsent FROM outbox WHERE published_at IS NULL';

/** Its four services, and our sandbox as its world outside. */
class NestjsPeer implements MeasuredSystem {
  readonly books: Books;
  readonly ordersUrl: string;
  readonly databaseUrl: string;
  readonly databasePrefix: string;
  readonly topicPrefix: string;
  private readonly processes: Readonly<Record<ServiceName, ServiceProcess>>;

  constructor(
    publishing: Publishing,
    ports: SystemPorts,
    settings: SystemSettings,
    processes: Readonly<Record<ServiceName, ServiceProcess>>,
  ) {
    this.books = publishing === 'outbox' ? { ...books, unsent: UNSENT } : books;
    this.ordersUrl = `http://127.0.0.1:${ports.orders}`;
    this.databaseUrl = settings.infrastructure.databaseUrl;
    this.databasePrefix = settings.databasePrefix;
    this.topicPrefix = settings.topicPrefix;
    this.processes = processes;
  }

  pids: MeasuredSystem['pids'] = () => Object.fromEntries(serviceNames.map((name) => [name, this.processes[name].pid]));

  service: MeasuredSystem['service'] = (name) => this.processes[name];

  /** Each service has what it needs to know of a product from the beginning. */
  async open(products: readonly NewProduct[], units: number): Promise<void> {
    const skus = products.map(({ sku }) => sku);
    const prices = products.map(({ priceMinor }) => priceMinor);
    await connected(this.urlOf('orders'), async (client) =>
      client.query('INSERT INTO prices SELECT * FROM unnest($1::text[], $2::int[])', [skus, prices]),
    );
    await connected(this.urlOf('inventory'), async (client) =>
      client.query('INSERT INTO stock (sku, available) SELECT sku, $2 FROM unnest($1::text[]) AS sku', [skus, units]),
    );
  }

  /** A transaction for each message. */
  batches: MeasuredSystem['batches'] = () => Promise.resolve({});

  audit: MeasuredSystem['audit'] = () => Promise.resolve({ ok: true, words: 'has none' });

  async stop(): Promise<void> {
    const { sandbox, ...own } = this.processes;
    await Promise.all(Object.values(own).map((it) => it.stop()));
    await sandbox.stop();
    for (const name of serviceNames) await dropDatabase(this.urlOf(name));
  }

  private urlOf(name: ServiceName): string {
    return databaseUrlOf(this.databaseUrl, this.databasePrefix + name);
  }
}

function peerEnv(name: Service, publishing: Publishing, ports: SystemPorts, settings: SystemSettings) {
  const { infrastructure, databasePrefix, topicPrefix } = settings;
  return {
    ...process.env,
    SERVICE: name,
    PORT: String(ports[name]),
    DATABASE_URL: databaseUrlOf(infrastructure.databaseUrl, databasePrefix + name),
    KAFKA_BROKERS: infrastructure.kafkaBrokers,
    TOPIC_PREFIX: topicPrefix,
    PUBLISHING: publishing,
    PAYMENT_PROVIDER_URL: `http://127.0.0.1:${ports.sandbox}`,
    // Connections are kept, as nodemailer's documentation proposes for many mails.
    SMTP_URL: `smtp://127.0.0.1:${ports.smtp}/?pool=true`,
  };
}

async function start(stack: TemporaryStack, publishing: Publishing, run: string): Promise<MeasuredSystem> {
  const folder = await installPeer(PACKAGE);
  const ports = await freePortsFor([...serviceNames, 'smtp']);
  const settings: SystemSettings = {
    infrastructure: stack.infrastructure,
    databasePrefix: `${run}_`,
    topicPrefix: `${run}.`,
    secrets: await newSecrets(),
    env: { all: { LOG_LEVEL: 'warn' } },
  };
  const migrations = (name: ServiceName) =>
    name === 'sandbox' ? join(root, 'prisma', name, 'migrations') : join(folder, 'prisma', 'migrations');
  for (const name of serviceNames) {
    const databaseUrl = databaseUrlOf(stack.infrastructure.databaseUrl, settings.databasePrefix + name);
    await migrate({ databaseUrl, folder: migrations(name) });
  }
  const processOf = (name: ServiceName) => {
    const [log, port] = [join(stack.dir, 'logs', `peer-${name}.log`), ports[name]];
    // A service that ends leaves orders that are not settled: the verdict says so.
    const common = { name, port, log, onExit: (_name: string, how: string) => console.error(how) };
    if (name === 'sandbox') return new ServiceProcess({ ...common, env: serviceEnv(name, ports, settings) });
    const program = { folder, args: ['dist/main.js'] };
    return new ServiceProcess({ ...common, program, env: peerEnv(name, publishing, ports, settings) });
  };
  const processes = Object.fromEntries(serviceNames.map((name) => [name, processOf(name)]));
  const peer = new NestjsPeer(publishing, ports, settings, processes as Record<ServiceName, ServiceProcess>);
  await Promise.all(Object.values(processes).map((it) => it.start()));
  return peer;
}

const COMMON_LACKS = [
  'a mail is sent twice when the process ends between sending and recording it',
  'a message that cannot be processed blocks its partition',
  'no deadline: an order without an answer stays open',
  'no parking, no audit, no schemas, no validation, no traces, no metrics',
];

/** Its saga with an outbox that is polled each second: bench/peers/nestjs. */
export const idiomatic = (stack: TemporaryStack): Contender => ({
  name: 'idiomatic',
  lacks: ['an event is published twice when the process ends before it is marked as published', ...COMMON_LACKS],
  start: (run) => start(stack, 'outbox', run),
});

/** The same saga without an outbox. */
export const unsafe = (stack: TemporaryStack): Contender => ({
  name: 'unsafe',
  lacks: ['an event is lost when the process ends between the commit and the publishing', ...COMMON_LACKS],
  start: (run) => start(stack, 'after-write', run),
});
