import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, type ServiceName, serviceNames, type ServiceUrls } from '@orderflow/client';
import { type Service, services } from '@orderflow/contracts';
import {
  KafkaCluster,
  newSecrets,
  type Postgres,
  prepareSystem,
  serviceEnv,
  type SystemPorts,
  type SystemSettings,
  temporaryFolder,
} from '@orderflow/local';
import { broker, postgres, type Registry, registry, RestartablePart } from './infrastructure.ts';
import { choosePorts, type Ports } from './ports.ts';
import { brokersIn, isInSync } from '../../../libs/kafka/test/replicas.ts';
import { Proxy } from '../../../libs/local/test/proxy.ts';
import type { InstanceNumber } from './schedule.ts';
import { ServiceInstance } from './service-instance.ts';

const preload = (path: string): string => `--import ${new URL(`../../../libs/${path}`, import.meta.url).href}`;
const PRELOADS = ['kafka/test/hold-topics.ts', 'kafka/test/older-contracts.ts', 'durable/test/shifted-clock.ts']
  .map(preload)
  .join(' ');
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
  /** Rejects when a broker, database or registry end by themselves. */
  readonly broken: Promise<never>;
  schemaRegistryUrl = '';
  /** Events that restored services have taken back from their topics. */
  takenBack = 0;
  /** `host:port` of every broker, separated by commas, without the proxies. */
  readonly kafkaBrokers: string;
  private readonly byName = new Map<string, ServiceInstance>();
  private readonly holds: string;

  private constructor(dir: string, ports: Ports, proxies: ChaosStack['proxies']) {
    chmodSync(this.logs, 0o755);
    this.holds = join(dir, 'held');
    mkdirSync(this.holds);
    this.proxies = proxies;
    this.cluster = new KafkaCluster(
      dir,
      ports.brokers.map(({ direct, controller, behindProxy, proxy }) => ({
        port: direct,
        controllerPort: controller,
        proxied: { port: behindProxy, advertised: proxy },
      })),
    );
    this.kafkaBrokers = this.cluster.brokers.join(',');
    const { promise, reject } = Promise.withResolvers<never>();
    this.broken = promise;
    // It may also reject while no caller awaits it.
    this.broken.catch(() => undefined);
    const onEnd = (reason: string) => reject(new Error(reason));
    this.brokers = ports.brokers.map(
      ({ behindProxy }, index) => new RestartablePart(broker(this.cluster, index + 1, this.logs, behindProxy), onEnd),
    );
    this.postgres = new RestartablePart(postgres(dir, this.logs, ports.postgres.behindProxy), onEnd);
    this.registry = new RestartablePart(registry(this.kafkaBrokers, this.logs, ports.registry), onEnd);
  }

  /** @param deadlineSeconds ORDER_DEADLINE_SECONDS */
  static async start(deadlineSeconds: number, brokers: number): Promise<ChaosStack> {
    const dir = temporaryFolder('chaos');
    const ports = await choosePorts(brokers);
    const stack = new ChaosStack(dir, ports, {
      brokers: await Promise.all(ports.brokers.map(async (it) => Proxy.start(it.proxy, it.behindProxy))),
      postgres: await Proxy.start(ports.postgres.proxy, ports.postgres.behindProxy),
    });
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
    await eventually(async () => isInSync(this.cluster.brokers), IN_SYNC_TIMEOUT_MS);
  }

  private async startBrokersAndRegistry(): Promise<void> {
    await Promise.all(this.brokers.map(async (it) => it.start()));
    // A topic that is created earlier has fewer replicas.
    await eventually(async () => (await brokersIn(this.cluster.brokers)) === this.brokers.length, IN_SYNC_TIMEOUT_MS);
    await this.registry.start();
    this.schemaRegistryUrl = this.registry.running.url;
  }

  private async startInstances(
    { first, second, brokers, postgres }: Ports,
    env: NonNullable<SystemSettings['env']>,
  ): Promise<void> {
    const { kafkaBrokers, schemaRegistryUrl } = this;
    const databaseUrl = this.postgres.running.url;
    // The sandbox is not part of the system under test: its connection has no proxy.
    const direct = {
      infrastructure: { databaseUrl, kafkaBrokers, schemaRegistryUrl },
      topicPrefix: '',
      databasePrefix: '',
      secrets: await newSecrets(),
      env,
    };
    await prepareSystem(direct);
    this.add('sandbox', 1, first, direct);
    const proxied = new URL(databaseUrl);
    proxied.port = String(postgres.proxy);
    const infrastructure = {
      databaseUrl: proxied.href,
      kafkaBrokers: brokers.map(({ proxy }) => `127.0.0.1:${proxy}`).join(','),
      schemaRegistryUrl,
    };
    for (const service of services) {
      this.hold(service, []);
      this.add(service, 1, first, { ...direct, infrastructure });
      this.add(service, 2, { ...first, [service]: second[service] }, { ...direct, infrastructure });
    }
    for (const instance of this.instances) instance.start();
    await Promise.all(this.instances.map(async (it) => it.whenReady()));
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
    this.byName.set(name, new ServiceInstance({ service, name, port: ports[service], env, logs: this.logs, versions }));
  }
}

const nameOf = (service: ServiceName, number: InstanceNumber): string =>
  service === 'sandbox' ? service : `${service}-${number}`;
