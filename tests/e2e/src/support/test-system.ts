import { randomUUID } from 'node:crypto';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventTap, eventually, type ServiceName, serviceNames } from '@orderflow/client';
import { databaseUrlOf, startSystem, type System, type SystemOptions } from '@orderflow/local';
import pg from 'pg';
import { type Audited, runAudit } from './run-ops.js';
import { TestClient } from './test-client.js';

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
export class TestSystem {
  private constructor(
    private readonly processes: System,
    readonly client: TestClient,
    readonly eventTap: EventTap,
    readonly infrastructure: Infrastructure,
    readonly prefixes: { readonly topics: string; readonly databases: string },
    private readonly logs: string,
  ) {}

  static async open(
    options: { env?: SystemOptions['env']; infrastructure?: Infrastructure; onExit?: SystemOptions['onExit'] } = {},
  ): Promise<TestSystem> {
    const infrastructure = options.infrastructure ?? sharedInfrastructure();
    const id = randomUUID().slice(0, 8);
    const prefixes = { topics: `e2e-${id}.`, databases: `e2e_${id}_` };
    const logs = await mkdtemp(join(tmpdir(), `orderflow-e2e-${id}-`));
    await chmod(logs, 0o755);
    const processes = await startSystem({
      infrastructure,
      topicPrefix: prefixes.topics,
      databasePrefix: prefixes.databases,
      ports: 'free',
      env: { ...options.env, all: { LOG_LEVEL: 'warn', ...options.env?.all } },
      log: logs,
      ...(options.onExit === undefined ? {} : { onExit: options.onExit }),
    });
    const eventTap = await EventTap.open({ ...infrastructure, topicPrefix: prefixes.topics });
    return new TestSystem(processes, new TestClient(processes.urls), eventTap, infrastructure, prefixes, logs);
  }

  /** Ends everything and drops its databases; the logs of the services are kept where `E2E_KEEP_LOGS` is set. */
  async close(): Promise<void> {
    await this.eventTap.close();
    await this.processes.stop();
    for (const name of serviceNames) {
      await dropDatabase(this.infrastructure.databaseUrl, this.prefixes.databases + name);
    }
    if (process.env['E2E_KEEP_LOGS'] === undefined) await rm(this.logs, { recursive: true, force: true });
  }

  /** Ends a service; SIGKILL does it as a power cut would. */
  async kill(name: ServiceName, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    await this.processes.service(name).kill(signal);
  }

  /** Starts a service that was ended. */
  async start(name: ServiceName): Promise<void> {
    await this.processes.service(name).start();
  }

  /** The rows of a service's own database, for state without an HTTP route. */
  async rowsOf<Row extends object>(name: ServiceName, sql: string, values: unknown[] = []): Promise<Row[]> {
    return query<Row>(databaseUrlOf(this.infrastructure.databaseUrl, this.prefixes.databases + name), sql, values);
  }

  /** The log of a service so far, line by line. */
  async logOf(name: ServiceName): Promise<string[]> {
    const text = await readFile(join(this.logs, `${name}.log`), 'utf8');
    return text.split('\n').filter((line) => line !== '');
  }

  /** The result of the audit as soon as it passes, else the last one after `withinMs`. */
  async audit(withinMs = 12_000): Promise<Audited> {
    let last: Audited | undefined;
    const env = {
      DATABASE_URL: this.infrastructure.databaseUrl,
      DATABASE_PREFIX: this.prefixes.databases,
      // Young orders are judged too: a test waits for all of its orders.
      ORDER_DEADLINE_SECONDS: '0',
    };
    const passes = async () => {
      last = await runAudit(env);
      return last.violations.length + last.parked.length === 0;
    };
    await eventually(passes, withinMs).catch((error: unknown) => {
      if (last === undefined) throw error;
    });
    return last!;
  }
}

/** Drops a database, its open connections included. */
export async function dropDatabase(serverUrl: string, database: string): Promise<void> {
  await query(databaseUrlOf(serverUrl, 'postgres'), `DROP DATABASE IF EXISTS "${database}" WITH (FORCE)`);
}

async function query<Row extends object>(url: string, sql: string, values: unknown[] = []): Promise<Row[]> {
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
