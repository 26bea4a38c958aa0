import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { KafkaSecurity } from '@orderflow/kafka';
import { startKafka } from './kafka.js';
import type { Part } from '../process/daemon.js';
import { freePortsFor } from '../process/ports.js';
import { startPostgres } from './postgres.js';
import { removePostgresData } from './postgres-home.js';
import { startRegistry } from './registry.js';
import { kafkaSecurityAs, type Logins } from '../security/logins.js';
import { Security } from '../security/security.js';
import { reachKafka, reachPostgres, reachRegistry, type Reuse } from './reuse.js';

export type PartName = 'postgres' | 'kafka' | 'registry';

/** TCP ports on 127.0.0.1. */
export interface InfrastructurePorts {
  postgres: number;
  kafka: number;
  kafkaController: number;
  registry: number;
}

export interface Progress {
  part: PartName;
  /** `reused`: it runs elsewhere, and is neither started nor stopped here. */
  state: 'starting' | 'ready' | 'reused';
  /** Milliseconds since the start of this part began. */
  elapsedMs: number;
}

interface InfrastructureOptions {
  /** Folder of all data and logs, kept over restarts. */
  dir: string;
  ports: InfrastructurePorts;
  onProgress?: (progress: Progress) => void;
  /** Parts that run elsewhere. */
  reuse?: Reuse;
  /** TLS and logins at the built-in parts, where `dir` has no data of plain ones. */
  secure?: boolean;
}

export interface Infrastructure {
  /** `postgres://user:password@host:port` of a superuser, without a database. */
  databaseUrl: string;
  /** `host:port`, several separated by commas. */
  kafkaBrokers: string;
  /** Base of the Confluent REST API. */
  schemaRegistryUrl: string;
  /** Of a secure infrastructure. */
  logins?: Logins;
  /** Process ids of the parts started here. */
  pids: Partial<Record<PartName, number>>;
  /** Stops the parts started here: the registry first, since it writes to Kafka until it ends. */
  stop(): Promise<void>;
  /** Resolves with one line when a part started here ends without `stop`; else never. */
  died: Promise<string>;
}

/** The variable that sets each port, and its default. */
export const infrastructurePorts = {
  postgres: { variable: 'POSTGRES_PORT', usual: 15432 },
  kafka: { variable: 'KAFKA_PORT', usual: 19092 },
  kafkaController: { variable: 'KAFKA_CONTROLLER_PORT', usual: 19093 },
  registry: { variable: 'REGISTRY_PORT', usual: 18081 },
} as const satisfies Record<keyof InfrastructurePorts, { variable: string; usual: number }>;

/** Ports that are free at this moment, for tests. */
export const freeInfrastructurePorts = async (): Promise<InfrastructurePorts> =>
  freePortsFor(['postgres', 'kafka', 'kafkaController', 'registry']);

class Starting {
  readonly parts: Partial<Record<PartName, Part>> = {};

  constructor(
    private readonly options: InfrastructureOptions,
    private readonly security?: Security,
  ) {}

  /** Uses the part at `external` where given, else starts a part. @returns its address */
  private async part(
    name: PartName,
    external: string | undefined,
    reach: (external: string) => Promise<string>,
    start: () => Promise<{ address: string; part: Part }>,
  ): Promise<string> {
    const began = Date.now();
    const report = (state: Progress['state']) =>
      this.options.onProgress?.({ part: name, state, elapsedMs: Date.now() - began });
    if (external !== undefined) {
      const address = await reach(external);
      report('reused');
      return address;
    }
    report('starting');
    const { address, part } = await start();
    this.parts[name] = part;
    report('ready');
    return address;
  }

  async postgres(): Promise<string> {
    const { dir, ports, reuse } = this.options;
    const dataDir = join(dir, 'postgres');
    return this.part(
      'postgres',
      reuse?.databaseUrl,
      (url) => reachPostgres(url, reuse?.database),
      async () => {
        const security = await this.security?.ofPostgres();
        const place = { port: ports.postgres, ...(security && { security }) };
        const part = await startPostgres({ dataDir, ...place, log: this.log('postgres') });
        return { address: part.url, part };
      },
    );
  }

  async kafka(): Promise<string> {
    const { dir, ports, reuse } = this.options;
    return this.part('kafka', reuse?.kafkaBrokers, reachKafka, async () => {
      const { kafka: port, kafkaController: controllerPort } = ports;
      const security = await this.security?.ofKafka();
      const place = { port, controllerPort, ...(security && { security }) };
      const part = await startKafka({ dataDir: join(dir, 'kafka'), ...place, log: this.log('kafka') });
      return { address: part.brokers, part };
    });
  }

  async registry(kafkaBrokers: string): Promise<string> {
    const { dir, ports, reuse } = this.options;
    return this.part('registry', reuse?.schemaRegistryUrl, reachRegistry, async () => {
      const login = { kafkaBrokers, security: await this.registrySecurity(kafkaBrokers) };
      const place = { dir: join(dir, 'registry'), port: ports.registry };
      const part = await startRegistry({ ...login, ...place, log: this.log('registry') });
      return { address: part.url, part };
    });
  }

  /** Into a Kafka that runs elsewhere it logs in as every program does. */
  private async registrySecurity(kafkaBrokers: string): Promise<KafkaSecurity> {
    if (this.options.reuse?.kafkaBrokers !== undefined) return kafkaSecurityAs('registry', undefined);
    return (await this.security?.ofRegistry(kafkaBrokers)) ?? {};
  }

  private log(name: PartName): string {
    return join(this.options.dir, 'logs', `${name}.log`);
  }

  async stop(): Promise<void> {
    await this.parts.registry?.stop();
    await Promise.all([this.parts.kafka?.stop(), this.parts.postgres?.stop()]);
  }
}

/**
 * Starts PostgreSQL, Kafka and the schema registry as children of this process, except for the parts in `reuse`, and resolves
 * once all of them answer. They end with this process, also after a SIGKILL.
 * @throws SetupError with one line when a part is unreachable or cannot be started; started parts are stopped first
 */
export async function startInfrastructure(options: InfrastructureOptions): Promise<Infrastructure> {
  const security = options.secure ? await Security.in(join(options.dir, 'security')) : undefined;
  const starting = new Starting(options, security);
  const results = await Promise.allSettled([
    starting.postgres(),
    starting.kafka().then(async (brokers) => [brokers, await starting.registry(brokers)] as const),
  ]);
  const [postgres, kafka] = results;
  if (postgres.status === 'rejected' || kafka.status === 'rejected') {
    await starting.stop();
    throw results.find((it) => it.status === 'rejected')?.reason;
  }
  const parts = Object.entries(starting.parts) as [PartName, Part][];
  return {
    databaseUrl: postgres.value,
    kafkaBrokers: kafka.value[0],
    schemaRegistryUrl: kafka.value[1],
    ...(security && { logins: security.logins }),
    pids: Object.fromEntries(parts.map(([name, { pid }]) => [name, pid])),
    stop: async () => starting.stop(),
    died: Promise.race(parts.map(async ([, { died }]) => died)),
  };
}

/** Removes all data and logs in `dir`, and PostgreSQL's data in `/var/tmp`. No part of it may be running. */
export async function removeInfrastructure(dir: string): Promise<void> {
  await removePostgresData(join(dir, 'postgres'));
  await rm(dir, { recursive: true, force: true });
}
