import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ServiceName, serviceNames, type ServiceUrls } from '@orderflow/client';
import { type Service, services } from '@orderflow/contracts';
import {
  demandFullCompatibility,
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
import { Proxy } from '../../../libs/local/test/proxy.ts';
import type { InstanceNumber } from './schedule.ts';
import { ServiceInstance } from './service-instance.ts';

const preload = (path: string): string => `--import ${new URL(`../../../libs/${path}`, import.meta.url).href}`;
const PRELOADS = ['kafka/test/hold-topics.ts', 'kafka/test/older-contracts.ts', 'durable/test/shifted-clock.ts']
  .map(preload)
  .join(' ');
/** How far the clocks of second instances are ahead: a deadline that they set by their own clock would pass early. */
const BEHIND_MS = '-15000';

/** Two instances of each service with broker, database and registry; a proxy each before broker and database. */
export class ChaosStack {
  readonly logs = mkdtempSync(join(tmpdir(), 'orderflow-chaos-logs-'));
  readonly broker: RestartablePart;
  readonly postgres: RestartablePart<Postgres>;
  readonly registry: RestartablePart<Registry>;
  readonly proxies: { broker: Proxy; postgres: Proxy };
  /** Rejects when broker, database or registry end by themselves. */
  readonly broken: Promise<never>;
  schemaRegistryUrl = '';
  readonly kafkaBrokers: string;
  private readonly byName = new Map<string, ServiceInstance>();
  private readonly holds: string;

  private constructor(dir: string, ports: Ports, proxies: ChaosStack['proxies']) {
    chmodSync(this.logs, 0o755);
    this.holds = join(dir, 'held');
    mkdirSync(this.holds);
    this.proxies = proxies;
    this.kafkaBrokers = `127.0.0.1:${ports.broker.direct}`;
    const { promise, reject } = Promise.withResolvers<never>();
    this.broken = promise;
    // It may also reject while no one awaits it.
    this.broken.catch(() => undefined);
    const onEnd = (reason: string) => reject(new Error(reason));
    this.broker = new RestartablePart(broker(dir, this.logs, ports.broker), onEnd);
    this.postgres = new RestartablePart(postgres(dir, this.logs, ports.postgres.behindProxy), onEnd);
    this.registry = new RestartablePart(registry(this.kafkaBrokers, this.logs, ports.registry), onEnd);
  }

  /** @param deadlineSeconds ORDER_DEADLINE_SECONDS */
  static async start(deadlineSeconds: number): Promise<ChaosStack> {
    const dir = temporaryFolder('chaos');
    const ports = await choosePorts();
    const stack = new ChaosStack(dir, ports, {
      broker: await Proxy.start(ports.broker.proxy, ports.broker.behindProxy),
      postgres: await Proxy.start(ports.postgres.proxy, ports.postgres.behindProxy),
    });
    await Promise.all([stack.startBrokerAndRegistry(), stack.postgres.start()]);
    await stack.startInstances(ports, {
      all: { LOG_LEVEL: 'warn', OTEL_EXPORTER_OTLP_ENDPOINT: '' },
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
    await Promise.all([this.proxies.broker.stop(), this.proxies.postgres.stop()]);
  }

  private async startBrokerAndRegistry(): Promise<void> {
    await this.broker.start();
    await this.registry.start();
    this.schemaRegistryUrl = this.registry.running.url;
    await demandFullCompatibility(this.schemaRegistryUrl);
  }

  private async startInstances(
    { first, second, broker, postgres }: Ports,
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
      kafkaBrokers: `127.0.0.1:${broker.proxy}`,
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
