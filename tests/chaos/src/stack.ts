import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, type ServiceName, serviceNames, type ServiceUrls, SystemClient } from '@orderflow/client';
import { type Service, services } from '@orderflow/contracts';
import {
  databaseUrlAs,
  type KafkaBrokerSecurity,
  KafkaCluster,
  newSecrets,
  type Postgres,
  prepareSystem,
  runGuarded,
  serviceEnv,
  type SystemPorts,
  type SystemSettings,
  temporaryFolder,
} from '@orderflow/local';
import type { Access } from './access.ts';
import { broker, postgres, type Registry, registry, RestartablePart } from './infrastructure.ts';
import { choosePorts, type Ports } from './ports.ts';
import { brokersIn, isInSync } from '../../../libs/kafka/test/replicas.ts';
import { Proxy } from '../../../libs/local/test/proxy.ts';
import type { InstanceNumber } from './schedule.ts';
import { ServiceInstance } from './service-instance.ts';

const repository = join(import.meta.dirname, '..', '..', '..');
const OLDER_CONTRACTS = 'kafka/test/older-contracts.ts';
const preload = (path: string): string => `--import ${new URL(`../../../libs/${path}`, import.meta.url).href}`;
const PRELOADS = ['kafka/test/hold-topics.ts', OLDER_CONTRACTS, 'durable/test/shifted-clock.ts'].map(preload).join(' ');
const IN_SYNC_TIMEOUT_MS = 120_000;
/** How far the clocks of second instances are off: a deadline that they set by their own clock would pass early. */
const BEHIND_MS = '-15000';

/** Two instances of each service with brokers, database and registry; a proxy each before brokers and database. */
export class ChaosStack {
  readonly logs = mkdtempSync(join(tmpdir(), 'orderflow-chaos-logs-'));
  /** By node id - 1. */
  readonly brokers: readonly RestartablePart[];
  readonly cluster: KafkaCluster;
  readonly postgres: RestartablePart<Postgres>;
  readonly registry: RestartablePart<Registry>;
  readonly proxies: { brokers: readonly Proxy[]; postgres: Proxy };
  readonly access: Access;
  /** Rejects when a broker, database or registry end by themselves. */
  readonly broken: Promise<never>;
  schemaRegistryUrl = '';
  /** Events that restored services have taken back from their topics. */
  takenBack = 0;
  /** `host:port` of every broker, separated by commas, without the proxies. */
  readonly kafkaBrokers: string;
  /** Of the rig's own clients. */
  readonly kafkaSecurity: Access['kafka'];
  private readonly byName = new Map<string, ServiceInstance>();
  private readonly holds: string;

  private constructor(
    dir: string,
    ports: Ports,
    proxies: ChaosStack['proxies'],
    access: Access,
    ofKafka: KafkaBrokerSecurity | undefined,
  ) {
    chmodSync(this.logs, 0o755);
    this.holds = join(dir, 'held');
    mkdirSync(this.holds);
    this.proxies = proxies;
    this.access = access;
    this.kafkaSecurity = access.kafka;
    this.cluster = new KafkaCluster(
      dir,
      ports.brokers.map(({ direct, controller, behindProxy, proxy }) => ({
        port: direct,
        controllerPort: controller,
        proxied: { port: behindProxy, advertised: proxy },
        ...(ofKafka && { security: ofKafka }),
      })),
    );
    this.kafkaBrokers = this.cluster.brokers.join(',');
    const { promise, reject } = Promise.withResolvers<never>();
    this.broken = promise;
    // It may also reject while no caller awaits it.
    this.broken.catch(() => undefined);
    const { security } = access;
    const onEnd = (reason: string) => reject(new Error(reason));
    this.brokers = ports.brokers.map(
      ({ behindProxy }, index) => new RestartablePart(broker(this.cluster, index + 1, this.logs, behindProxy), onEnd),
    );
    this.postgres = new RestartablePart(postgres(dir, this.logs, ports.postgres.behindProxy, security), onEnd);
    this.registry = new RestartablePart(registry(this.kafkaBrokers, dir, this.logs, ports.registry, security), onEnd);
  }

  /** @param deadlineSeconds ORDER_DEADLINE_SECONDS. @param accessIn how it is entered, by the folder of its data */
  static async start(
    deadlineSeconds: number,
    brokers: number,
    accessIn: (dir: string) => Promise<Access>,
  ): Promise<ChaosStack> {
    const dir = temporaryFolder('chaos');
    const access = await accessIn(dir);
    const ports = await choosePorts(brokers);
    const proxies = {
      brokers: await Promise.all(ports.brokers.map(async (it) => Proxy.start(it.proxy, it.behindProxy))),
      postgres: await Proxy.start(ports.postgres.proxy, ports.postgres.behindProxy),
    };
    const stack = new ChaosStack(dir, ports, proxies, access, await access.security?.ofKafka());
    await Promise.all([stack.startBrokersAndRegistry(), stack.postgres.start()]);
    await stack.startInstances(ports, {
      all: { LOG_LEVEL: 'warn', OTEL_SDK_DISABLED: 'true' },
      // A mail whose outcome is unknown is sent again within the run.
      notifications: { MAIL_RETRY_SECONDS: '5', MAIL_UNCERTAIN_SECONDS: '5' },
      orders: { ORDER_DEADLINE_SECONDS: String(deadlineSeconds) },
      // `tok_timeout` stays silent past the deadline of its order.
      sandbox: { SILENCE_SECONDS: String(deadlineSeconds + 5) },
    });
    return stack;
  }

  instance(service: ServiceName, number: InstanceNumber = 1): ServiceInstance {
    return this.byName.get(nameOf(service, number))!;
  }

  get instances(): ServiceInstance[] {
    return [...this.byName.values()];
  }

  /** The instances of services that consume events. */
  get consumers(): ServiceInstance[] {
    return this.instances.filter(({ service }) => service !== 'sandbox');
  }

  get urls(): ServiceUrls {
    return Object.fromEntries(serviceNames.map((name) => [name, this.instance(name).url])) as ServiceUrls;
  }

  /** Of the database server, by which an operator reads all databases. */
  get databaseUrl(): string {
    return databaseUrlAs('ops', this.postgres.running.url, this.access.logins);
  }

  /** A client of the services. @param role of its token */
  clientAs(role: 'operator' | 'admin'): SystemClient {
    return new SystemClient(this.urls, this.access.tokens[role]);
  }

  /** From now on, neither instance of the service fetches these topics. */
  hold(service: Service, topics: readonly string[]): void {
    writeFileSync(join(this.holds, service), topics.join('\n'));
  }

  async stop(): Promise<void> {
    await Promise.all(this.consumers.map(async (it) => it.stop()));
    await this.instance('sandbox').stop();
    await Promise.all([...this.proxies.brokers, this.proxies.postgres].map(async (it) => it.stop()));
  }

  /** Waits until every replica is in sync again. */
  async whenInSync(): Promise<void> {
    await eventually(async () => isInSync(this.cluster.brokers, this.kafkaSecurity), IN_SYNC_TIMEOUT_MS);
  }

  private async startBrokersAndRegistry(): Promise<void> {
    await Promise.all(this.brokers.map(async (it) => it.start()));
    // A topic that is created earlier has fewer replicas.
    const joined = async () => brokersIn(this.cluster.brokers, this.kafkaSecurity);
    await eventually(async () => (await joined()) === this.brokers.length, IN_SYNC_TIMEOUT_MS);
    await this.registry.start();
    this.schemaRegistryUrl = this.registry.running.url;
  }

  private async startInstances(
    { first, second, brokers, postgres }: Ports,
    env: NonNullable<SystemSettings['env']>,
  ): Promise<void> {
    const { kafkaBrokers, schemaRegistryUrl } = this;
    const { logins, auth } = this.access;
    const databaseUrl = this.postgres.running.url;
    // The sandbox is not part of the system under test: its connection has no proxy.
    const direct = {
      infrastructure: { databaseUrl, kafkaBrokers, schemaRegistryUrl, ...(logins && { logins }) },
      topicPrefix: '',
      databasePrefix: '',
      secrets: await newSecrets(),
      auth,
      env,
    };
    if (logins) await this.registerOlderSchemas();
    await prepareSystem(direct);
    this.add('sandbox', 1, first, direct);
    const proxied = new URL(databaseUrl);
    proxied.port = String(postgres.proxy);
    const infrastructure = {
      ...direct.infrastructure,
      databaseUrl: proxied.href,
      kafkaBrokers: brokers.map(({ proxy }) => `127.0.0.1:${proxy}`).join(','),
    };
    for (const service of services) {
      this.hold(service, []);
      this.add(service, 1, first, { ...direct, infrastructure });
      this.add(service, 2, { ...first, [service]: second[service] }, { ...direct, infrastructure });
    }
    for (const instance of this.instances) instance.start();
    await Promise.all(this.instances.map(async (it) => it.whenReady()));
  }

  /** In a secure system no service registers schemas: the release before this one was deployed with its own. */
  private async registerOlderSchemas(): Promise<void> {
    const release = { NODE_OPTIONS: preload(OLDER_CONTRACTS), TEST_OLDER_CONTRACTS: 'true' };
    await runGuarded(process.execPath, [join('ops', 'src', 'orderflow.ts'), 'schemas', '--register'], {
      cwd: repository,
      env: { ...process.env, ...release, SCHEMA_REGISTRY_URL: this.schemaRegistryUrl },
    });
  }

  private add(service: ServiceName, number: InstanceNumber, ports: SystemPorts, settings: SystemSettings): void {
    const name = nameOf(service, number);
    const env = serviceEnv(service, ports, settings);
    if (service !== 'sandbox') {
      env['NODE_OPTIONS'] = PRELOADS;
      env['TEST_CLOCK_SHIFT_MS'] = number === 1 ? '0' : BEHIND_MS;
      env['CHAOS_HELD_TOPICS'] = join(this.holds, service);
    }
    const versions = number === 1 ? ['newest' as const] : (['older', 'newest'] as const);
    const { monitor: monitorToken } = this.access.tokens;
    const spec = { service, name, port: ports[service], env, logs: this.logs, versions, monitorToken };
    this.byName.set(name, new ServiceInstance(spec));
  }
}

const nameOf = (service: ServiceName, number: InstanceNumber): string =>
  service === 'sandbox' ? service : `${service}-${number}`;
