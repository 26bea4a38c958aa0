import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ServiceName, serviceNames, type ServiceUrls } from '@orderflow/client';
import { type Service, services } from '@orderflow/contracts';
import {
  demandFullCompatibility,
  temporaryFolder,
  type Postgres,
  prepareSystem,
  serviceEnv,
  startRegistry,
  type SystemPorts,
  type SystemSettings,
} from '@orderflow/local';
import { broker, type BrokerPorts, postgres, RestartablePart } from './infrastructure.ts';
import { lastingPorts } from './ports.ts';
import { Proxy } from './proxy.ts';
import type { InstanceNumber } from './schedule.ts';
import { ServiceInstance } from './service-instance.ts';

export interface Settings {
  /** ORDER_DEADLINE_SECONDS. */
  deadlineSeconds: number;
}

/** Two instances of each service with broker, database and registry; a proxy each before broker and database. */
export class ChaosStack {
  readonly logs: string;
  readonly broker: RestartablePart;
  readonly postgres: RestartablePart<Postgres>;
  readonly proxies: { broker: Proxy; postgres: Proxy };
  /** Rejects when broker or database end by themselves. */
  readonly broken: Promise<never>;
  schemaRegistryUrl = '';
  readonly kafkaBrokers: string;
  private readonly byName = new Map<string, ServiceInstance>();
  private readonly holds: string;

  private constructor(dir: string, ports: Ports, proxies: { broker: Proxy; postgres: Proxy }) {
    this.logs = mkdtempSync(join(tmpdir(), 'orderflow-chaos-logs-'));
    this.holds = join(dir, 'held');
    mkdirSync(this.holds);
    this.proxies = proxies;
    this.kafkaBrokers = `127.0.0.1:${ports.broker.direct}`;
    let onEnd: (reason: string) => void = () => undefined;
    this.broken = new Promise((_resolve, reject) => (onEnd = (reason) => reject(new Error(reason))));
    // It may also reject while no one awaits it.
    this.broken.catch(() => undefined);
    this.broker = new RestartablePart(broker(dir, this.logs, ports.broker), onEnd);
    this.postgres = new RestartablePart(postgres(dir, this.logs, ports.postgres), onEnd);
  }

  static async start(settings: Settings): Promise<ChaosStack> {
    const dir = temporaryFolder('chaos');
    const ports = await choosePorts();
    const proxies = {
      broker: await Proxy.start(ports.broker.proxy, ports.broker.behindProxy),
      postgres: await Proxy.start(ports.postgresProxy, ports.postgres),
    };
    const stack = new ChaosStack(dir, ports, proxies);
    chmodSync(stack.logs, 0o755);
    await Promise.all([stack.startBrokerAndRegistry(ports.registry), stack.postgres.start()]);
    await stack.startInstances(ports, settings);
    return stack;
  }

  instance(service: ServiceName, number: InstanceNumber = 1): ServiceInstance {
    return this.byName.get(nameOf(service, number))!;
  }

  /** The instances of services that consume events. */
  get consumers(): ServiceInstance[] {
    return this.instances.filter(({ service }) => service !== 'sandbox');
  }

  get instances(): ServiceInstance[] {
    return [...this.byName.values()];
  }

  get urls(): ServiceUrls {
    return Object.fromEntries(serviceNames.map((name) => [name, this.instance(name).url])) as ServiceUrls;
  }

  /** From now on, neither instance of the service fetches these topics. */
  hold(service: Service, topics: readonly string[]): void {
    writeFileSync(this.holdFile(service), topics.join('\n'));
  }

  async stop(): Promise<void> {
    await Promise.all(this.consumers.map(async (it) => it.stop()));
    await this.instance('sandbox').stop();
    await Promise.all([this.proxies.broker.stop(), this.proxies.postgres.stop()]);
  }

  private async startBrokerAndRegistry(port: number): Promise<void> {
    await this.broker.start();
    const { kafkaBrokers, logs } = this;
    const registry = await startRegistry({ kafkaBrokers, port, log: join(logs, 'registry.log') });
    await demandFullCompatibility(registry.url);
    this.schemaRegistryUrl = registry.url;
  }

  private async startInstances(ports: Ports, settings: Settings): Promise<void> {
    const direct = {
      databaseUrl: this.postgres.running.url,
      kafkaBrokers: this.kafkaBrokers,
      schemaRegistryUrl: this.schemaRegistryUrl,
    };
    const prefixes = { topicPrefix: '', databasePrefix: '' };
    await prepareSystem({ infrastructure: direct, ...prefixes });
    const behindProxy = new URL(direct.databaseUrl);
    behindProxy.port = String(this.proxies.postgres.port);
    const infrastructure = {
      ...direct,
      databaseUrl: behindProxy.href,
      kafkaBrokers: `127.0.0.1:${this.proxies.broker.port}`,
    };
    const env = envOf(settings);
    // The sandbox is not part of the system under test: its connection has no proxy.
    this.add('sandbox', 1, ports.first, { infrastructure: direct, ...prefixes, env });
    for (const service of services) {
      this.hold(service, []);
      this.add(service, 1, ports.first, { infrastructure, ...prefixes, env });
      this.add(service, 2, { ...ports.first, [service]: ports.second[service] }, { infrastructure, ...prefixes, env });
    }
    for (const instance of this.instances) instance.start();
    await Promise.all(this.instances.map(async (it) => it.whenReady()));
  }

  private add(service: ServiceName, number: InstanceNumber, ports: SystemPorts, settings: SystemSettings): void {
    const name = nameOf(service, number);
    const env = serviceEnv(service, ports, settings);
    if (service !== 'sandbox') {
      env['NODE_OPTIONS'] = `--import ${new URL('../../../libs/kafka/test/hold-topics.ts', import.meta.url).href}`;
      env['CHAOS_HELD_TOPICS'] = this.holdFile(service);
    }
    this.byName.set(name, new ServiceInstance({ service, name, port: ports[service], env, logs: this.logs }));
  }

  private holdFile(service: ServiceName): string {
    return join(this.holds, service);
  }
}

const nameOf = (service: ServiceName, number: InstanceNumber): string =>
  service === 'sandbox' ? service : `${service}-${number}`;

function envOf({ deadlineSeconds }: Settings): NonNullable<SystemSettings['env']> {
  return {
    all: { LOG_LEVEL: 'warn', OTEL_EXPORTER_OTLP_ENDPOINT: '' },
    orders: { ORDER_DEADLINE_SECONDS: String(deadlineSeconds) },
    // `tok_timeout` stays silent past the deadline of its order.
    sandbox: { SILENCE_SECONDS: String(deadlineSeconds + 5) },
  };
}

interface Ports {
  broker: BrokerPorts;
  postgres: number;
  postgresProxy: number;
  registry: number;
  first: SystemPorts;
  second: Record<Service, number>;
}

async function choosePorts(): Promise<Ports> {
  const ports = await lastingPorts(17);
  const next = () => ports.pop()!;
  const four = () => ({ orders: next(), inventory: next(), payments: next(), notifications: next() });
  return {
    broker: { direct: next(), controller: next(), behindProxy: next(), proxy: next() },
    postgres: next(),
    postgresProxy: next(),
    registry: next(),
    first: { ...four(), sandbox: next(), smtp: next() },
    second: four(),
  };
}
