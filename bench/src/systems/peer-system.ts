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
import type { Books, MeasuredSystem } from './measured-system.ts';
import { installPeer } from './peer-package.ts';

/** Of a table `orders` as the peers have it. */
export const peerBooks: Pick<Books, 'orders' | 'settled'> = {
  orders: `
    SELECT id AS "orderId", status, settled_at IS NOT NULL AS settled, total_minor::float8 AS "totalMinor",
           extract(epoch FROM decided_at)::float8 * 1000 AS "decidedAt",
           extract(epoch FROM settled_at)::float8 * 1000 AS "settledAt" FROM orders`,
  settled: 'SELECT count(*)::int AS settled FROM orders WHERE settled_at IS NOT NULL',
};

/** How a package of bench/peers is run. */
export interface Peer {
  /** Its folder in bench/peers. */
  readonly package: string;
  /** Its folder of migrations, with tables `prices (sku, price_minor)` and `stock (sku, available)`. */
  readonly migrations: string;
  /** Those that run in a process of their own. The others are in that of `orders`, and use its database. */
  readonly services: readonly Service[];
  readonly books: Books;
  /** What only this peer reads; every peer gets PORT, DATABASE_URL, PAYMENT_PROVIDER_URL and SMTP_URL. */
  readonly env?: (name: Service, settings: SystemSettings) => NodeJS.ProcessEnv;
}

type Processes = Readonly<Partial<Record<ServiceName, ServiceProcess>> & { sandbox: ServiceProcess }>;

/** Its processes, and our sandbox as its world outside. */
class PeerSystem implements MeasuredSystem {
  readonly books: Books;
  readonly services: readonly Service[];
  readonly ordersUrl: string;
  readonly databaseUrl: string;
  readonly databasePrefix: string;
  readonly topicPrefix: string;
  private readonly processes: Processes;

  constructor(peer: Peer, ports: SystemPorts, settings: SystemSettings, processes: Processes) {
    this.books = peer.books;
    this.services = peer.services;
    this.ordersUrl = `http://127.0.0.1:${ports.orders}`;
    this.databaseUrl = settings.infrastructure.databaseUrl;
    this.databasePrefix = settings.databasePrefix;
    this.topicPrefix = settings.topicPrefix;
    this.processes = processes;
  }

  pids: MeasuredSystem['pids'] = () =>
    Object.fromEntries(Object.entries(this.processes).map(([name, { pid }]) => [name, pid]));

  service: MeasuredSystem['service'] = (name) => this.processes[name]!;

  databaseOf: MeasuredSystem['databaseOf'] = (name) => databaseOf(this, name);

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
    for (const name of [...this.services, 'sandbox'] as const) await dropDatabase(this.urlOf(name));
  }

  private urlOf(name: ServiceName): string {
    return databaseUrlOf(this.databaseUrl, this.databaseOf(name));
  }
}

/** The name of the database with the tables of a service. */
export const databaseOf = (
  { databasePrefix, services }: Pick<MeasuredSystem, 'databasePrefix' | 'services'>,
  name: ServiceName,
): string => databasePrefix + (name === 'sandbox' || services.includes(name) ? name : 'orders');

/** Installs a peer where that has not been done, and starts it on empty databases and topics. */
export async function startPeer(stack: TemporaryStack, peer: Peer, run: string): Promise<MeasuredSystem> {
  const folder = await installPeer(peer.package);
  const ports = await freePortsFor([...serviceNames, 'smtp']);
  const { infrastructure } = stack;
  const settings: SystemSettings = {
    infrastructure,
    databasePrefix: `${run}_`,
    topicPrefix: `${run}.`,
    secrets: await newSecrets(),
    env: { all: { LOG_LEVEL: 'warn' } },
  };
  const started = [...peer.services, 'sandbox'] as const;
  const urlOf = (name: ServiceName) =>
    databaseUrlOf(infrastructure.databaseUrl, databaseOf({ ...settings, ...peer }, name));
  for (const name of started) {
    const migrations =
      name === 'sandbox' ? join(root, 'prisma', name, 'migrations') : join(folder, ...peer.migrations.split('/'));
    await migrate({ databaseUrl: urlOf(name), folder: migrations });
  }
  const processOf = (name: ServiceName) => {
    const [log, port] = [join(stack.dir, 'logs', `peer-${name}.log`), ports[name]];
    // A service that ends leaves orders that are not settled: the verdict says so.
    const common = { name, port, log, onExit: (_name: string, how: string) => console.error(how) };
    if (name === 'sandbox') return new ServiceProcess({ ...common, env: serviceEnv(name, ports, settings) });
    const env = {
      ...process.env,
      PORT: String(port),
      DATABASE_URL: urlOf(name),
      PAYMENT_PROVIDER_URL: `http://127.0.0.1:${ports.sandbox}`,
      // Connections are kept, as nodemailer's documentation proposes for many mails.
      SMTP_URL: `smtp://127.0.0.1:${ports.smtp}/?pool=true`,
      ...peer.env?.(name, settings),
    };
    return new ServiceProcess({ ...common, program: { folder, args: ['dist/main.js'] }, env });
  };
  const processes = Object.fromEntries(started.map((name) => [name, processOf(name)])) as unknown as Processes;
  await Promise.all(Object.values(processes).map((it) => it.start()));
  return new PeerSystem(peer, ports, settings, processes);
}
