import { randomUUID } from 'node:crypto';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { databaseUrlOf, startSystem, type ServiceName, type System, type SystemOptions } from '@orderflow/local';
import pg from 'pg';
import { type Audited, runAudit } from './audit.js';
import { eventually } from './eventually.js';
import { Shop } from './shop.js';
import { Tap } from './tap.js';

type Infrastructure = SystemOptions['infrastructure'];

/** The PostgreSQL, Kafka and registry that all test files share. */
export function sharedInfrastructure(): Infrastructure {
  const { DATABASE_URL, KAFKA_BROKERS, SCHEMA_REGISTRY_URL } = process.env;
  if (!DATABASE_URL || !KAFKA_BROKERS || !SCHEMA_REGISTRY_URL) {
    throw new Error('DATABASE_URL, KAFKA_BROKERS and SCHEMA_REGISTRY_URL are not all set: run this through npm test');
  }
  return { databaseUrl: DATABASE_URL, kafkaBrokers: KAFKA_BROKERS, schemaRegistryUrl: SCHEMA_REGISTRY_URL };
}

/** All services and the sandbox, with topics and databases of their own. */
export class World {
  private constructor(
    readonly system: System,
    readonly shop: Shop,
    readonly tap: Tap,
    readonly infrastructure: Infrastructure,
    readonly prefixes: { readonly topics: string; readonly databases: string },
    private readonly logs: string,
  ) {}

  static async open(
    options: { env?: SystemOptions['env']; infrastructure?: Infrastructure; onExit?: SystemOptions['onExit'] } = {},
  ): Promise<World> {
    const infrastructure = options.infrastructure ?? sharedInfrastructure();
    const id = randomUUID().slice(0, 8);
    const prefixes = { topics: `e2e-${id}.`, databases: `e2e_${id}_` };
    const logs = await mkdtemp(join(tmpdir(), `orderflow-e2e-${id}-`));
    await chmod(logs, 0o755);
    const system = await startSystem({
      infrastructure,
      topicPrefix: prefixes.topics,
      databasePrefix: prefixes.databases,
      ports: 'free',
      env: { ...options.env, all: { LOG_LEVEL: 'warn', ...options.env?.all } },
      log: logs,
      ...(options.onExit === undefined ? {} : { onExit: options.onExit }),
    });
    const tap = await Tap.open({ ...infrastructure, topicPrefix: prefixes.topics });
    return new World(system, new Shop(system.urls), tap, infrastructure, prefixes, logs);
  }

  /** Ends everything and drops its databases; what the services logged is kept where `E2E_KEEP_LOGS` is set. */
  async close(): Promise<void> {
    await this.tap.close();
    await this.system.stop();
    for (const name of Object.keys(this.system.urls)) {
      await dropDatabase(this.infrastructure.databaseUrl, this.prefixes.databases + name);
    }
    if (process.env['E2E_KEEP_LOGS'] === undefined) await rm(this.logs, { recursive: true, force: true });
  }

  /** Ends a service as a power cut would, and starts it again. */
  async killAndRestart(name: ServiceName): Promise<void> {
    await this.system.service(name).kill('SIGKILL');
    await this.system.service(name).start();
  }

  /** The rows of a service's own database: for what has no HTTP surface yet. */
  async rowsOf<Row extends object>(name: ServiceName, sql: string, values: unknown[] = []): Promise<Row[]> {
    return ask<Row>(databaseUrlOf(this.infrastructure.databaseUrl, this.prefixes.databases + name), sql, values);
  }

  /** What a service has logged so far, line by line. */
  async logOf(name: ServiceName): Promise<string[]> {
    const text = await readFile(join(this.logs, `${name}.log`), 'utf8');
    return text.split('\n').filter((line) => line !== '');
  }

  /** What the audit says of this system: as soon as it finds nothing wrong, or at last. What is under way gets a while. */
  async audit(withinMs = 12_000): Promise<Audited> {
    let last: Audited | undefined;
    const env = {
      DATABASE_URL: this.infrastructure.databaseUrl,
      DATABASE_PREFIX: this.prefixes.databases,
      // However young: whoever ends a test has waited for every order.
      ORDER_DEADLINE_SECONDS: '0',
    };
    const once = async () => {
      last = await runAudit(env);
      if (last.violations.length + last.parked.length > 0) throw new Error('the audit is not content');
      return last;
    };
    return eventually(once, withinMs).catch((error: unknown) => {
      if (last === undefined) throw error;
      return last;
    });
  }
}

/** Also where somebody is still connected. */
export async function dropDatabase(serverUrl: string, database: string): Promise<void> {
  await ask(databaseUrlOf(serverUrl, 'postgres'), `DROP DATABASE IF EXISTS "${database}" WITH (FORCE)`);
}

async function ask<Row extends object>(url: string, sql: string, values: unknown[] = []): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  // Without a listener a connection that breaks between two statements would end our process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return (await client.query<Row>(sql, values)).rows;
  } finally {
    await client.end();
  }
}
