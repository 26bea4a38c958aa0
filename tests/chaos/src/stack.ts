import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  demandFullCompatibility,
  prepareSystem,
  serviceEnv,
  type ServiceName,
  startRegistry,
  type SystemPorts,
  type SystemSettings,
} from '@orderflow/local';
import { temporaryFolder } from '@orderflow/local';
import { Member } from './member.ts';
import { BrokerPart, PostgresPart } from './parts.ts';
import { lastingPorts } from './ports.ts';
import { Proxy } from './proxy.ts';
import { type MemberNumber, type Service, services } from './schedule.ts';

export interface Settings {
  /** ORDER_DEADLINE_SECONDS. */
  deadlineSeconds: number;
}

/** Two processes of each service, and all that they stand on; between them and broker and database a proxy each. */
export class ChaosStack {
  readonly logs: string;
  readonly broker: BrokerPart;
  readonly postgres: PostgresPart;
  readonly proxies: { broker: Proxy; postgres: Proxy };
  /** Rejects when a part ends that nobody here has ended. */
  readonly broken: Promise<never>;
  schemaRegistryUrl = '';
  readonly kafkaBrokers: string;
  private readonly members = new Map<string, Member>();
  private readonly holds: string;

  private constructor(dir: string, ports: Ports, proxies: { broker: Proxy; postgres: Proxy }) {
    this.logs = mkdtempSync(join(tmpdir(), 'orderflow-chaos-logs-'));
    this.holds = join(dir, 'held');
    mkdirSync(this.holds);
    this.proxies = proxies;
    this.kafkaBrokers = `127.0.0.1:${ports.broker.direct}`;
    let onEnd: (how: string) => void = () => undefined;
    this.broken = new Promise((_resolve, reject) => (onEnd = (how) => reject(new Error(how))));
    // Whoever races with it hears of it; it may also come when nobody does.
    this.broken.catch(() => undefined);
    this.broker = new BrokerPart(dir, this.logs, ports.broker, onEnd);
    this.postgres = new PostgresPart(dir, this.logs, ports.postgres, onEnd);
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
    await stack.startMembers(ports, settings);
    return stack;
  }

  member(service: ServiceName, number: MemberNumber = 1): Member {
    return this.members.get(nameOf(service, number))!;
  }

  /** Those that consume. */
  get consumers(): Member[] {
    return [...this.members.values()].filter(({ service }) => service !== 'sandbox');
  }

  get everybody(): Member[] {
    return [...this.members.values()];
  }

  get urls(): Record<ServiceName, string> {
    const url = (service: ServiceName) => this.member(service).url;
    return {
      orders: url('orders'),
      inventory: url('inventory'),
      payments: url('payments'),
      notifications: url('notifications'),
      sandbox: url('sandbox'),
    };
  }

  /** Both members of the service do not fetch these topics from now on. */
  hold(service: Service, topics: readonly string[]): void {
    writeFileSync(this.holdFile(service), topics.join('\n'));
  }

  async stop(): Promise<void> {
    await Promise.all(this.consumers.map(async (it) => it.stop()));
    await this.member('sandbox').stop();
    await Promise.all([this.proxies.broker.stop(), this.proxies.postgres.stop()]);
  }

  private async startBrokerAndRegistry(port: number): Promise<void> {
    await this.broker.start();
    const { kafkaBrokers, logs } = this;
    const registry = await startRegistry({ kafkaBrokers, port, log: join(logs, 'registry.log') });
    await demandFullCompatibility(registry.url);
    this.schemaRegistryUrl = registry.url;
  }

  private async startMembers(ports: Ports, settings: Settings): Promise<void> {
    const direct = {
      databaseUrl: this.postgres.url,
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
    // The companies outside have a database of their own; that it is on the same server must do.
    this.add('sandbox', 1, ports.first, { infrastructure: direct, ...prefixes, env });
    for (const service of services) {
      this.hold(service, []);
      this.add(service, 1, ports.first, { infrastructure, ...prefixes, env });
      this.add(service, 2, { ...ports.first, [service]: ports.second[service] }, { infrastructure, ...prefixes, env });
    }
    for (const member of this.everybody) member.start();
    await Promise.all(this.everybody.map(async (it) => it.whenUp()));
  }

  private add(service: ServiceName, number: MemberNumber, ports: SystemPorts, settings: SystemSettings): void {
    const name = nameOf(service, number);
    const env = serviceEnv(service, ports, settings);
    if (service !== 'sandbox') {
      env['NODE_OPTIONS'] = `--import ${new URL('../../../libs/kafka/test/hold-topics.ts', import.meta.url).href}`;
      env['CHAOS_HELD_TOPICS'] = this.holdFile(service);
    }
    this.members.set(name, new Member({ service, name, port: ports[service], env, logs: this.logs }));
  }

  private holdFile(service: ServiceName): string {
    return join(this.holds, service);
  }
}

const nameOf = (service: ServiceName, number: MemberNumber): string =>
  service === 'sandbox' ? service : `${service}-${number}`;

function envOf({ deadlineSeconds }: Settings): NonNullable<SystemSettings['env']> {
  return {
    all: { LOG_LEVEL: 'warn', OTEL_EXPORTER_OTLP_ENDPOINT: '' },
    orders: { ORDER_DEADLINE_SECONDS: String(deadlineSeconds) },
    // `tok_timeout` is silent for longer than an order lives.
    sandbox: { SILENCE_SECONDS: String(deadlineSeconds + 5) },
  };
}

interface Ports {
  broker: { direct: number; controller: number; behindProxy: number; proxy: number };
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
