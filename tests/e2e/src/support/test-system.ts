import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventTap, eventually, type ServiceName, serviceNames } from '@orderflow/client';
import {
  type Auth,
  connected,
  databaseUrlAs,
  databaseUrlOf,
  dropDatabase,
  freePort,
  kafkaLoginEnv,
  kafkaSecurityAs,
  newSecrets,
  serviceEnv,
  ServiceProcess,
  startSystem,
  type System,
  type SystemOptions,
  type SystemPorts,
  type SystemSettings,
} from '@orderflow/local';
import { Tokens } from './callers.js';
import type { OtlpCollector } from './otlp-collector.js';
import { type Audited, runAudit } from './run-ops.js';
import { TestClient } from './test-client.js';

type Infrastructure = SystemOptions['infrastructure'];

const SOON = { MAIL_RETRY_SECONDS: '2', MAIL_UNCERTAIN_SECONDS: '2' };

/** No order times out because the machine is slow: a test of deadlines sets its own. */
const UNHURRIED = { ORDER_DEADLINE_SECONDS: '300' };

/** For a test, and for the start of a system, that names no other: what they wait for ends earlier than that. */
export const TEST_MS = 300_000;

/** The PostgreSQL, Kafka and registry that all test files share. */
export function sharedInfrastructure(): Infrastructure {
  const { DATABASE_URL, KAFKA_BROKERS, SCHEMA_REGISTRY_URL } = process.env;
  if (!DATABASE_URL || !KAFKA_BROKERS || !SCHEMA_REGISTRY_URL) {
    throw new Error('DATABASE_URL, KAFKA_BROKERS and SCHEMA_REGISTRY_URL are not all set: run this through npm test');
  }
  return { databaseUrl: DATABASE_URL, kafkaBrokers: KAFKA_BROKERS, schemaRegistryUrl: SCHEMA_REGISTRY_URL };
}

interface Options extends Pick<SystemOptions, 'env' | 'onExit'> {
  /** Starts infrastructure of its own; without it the system uses what all test files share. */
  readonly infrastructure?: () => Promise<Infrastructure>;
  /** Receives the spans of all services. */
  readonly collector?: OtlpCollector;
  /** Callers need a token; the client of the system is an admin. */
  readonly login?: boolean;
  /** A test kills or cuts off a sender or receiver of mails: a mail whose acknowledgement was lost may arrive twice. */
  readonly mayCopyMails?: boolean;
}

/** All services and the sandbox, with topics and databases of their own; opened before the tests of a file and closed after them. */
export class TestSystem {
  client!: TestClient;
  auth: Auth = 'off';
  /** Of a system with a login. */
  tokens!: Tokens;
  eventTap!: EventTap;
  infrastructure!: Infrastructure;
  private readonly id = randomUUID().slice(0, 8);
  readonly prefixes = { topics: `e2e-${this.id}.`, databases: `e2e_${this.id}_` };
  private processes: System | undefined;
  private settings!: SystemSettings;
  private readonly others: ServiceProcess[] = [];
  private logs = '';

  constructor(private readonly options: Options = {}) {
    jest.setTimeout(TEST_MS);
    beforeAll(async () => this.open());
    afterAll(async () => this.close());
  }

  private async open(): Promise<void> {
    const { env, collector } = this.options;
    const infrastructure = (await this.options.infrastructure?.()) ?? sharedInfrastructure();
    this.infrastructure = infrastructure;
    await collector?.open();
    this.logs = await mkdtemp(join(tmpdir(), `orderflow-e2e-${this.id}-`));
    await chmod(this.logs, 0o755);
    this.settings = {
      infrastructure,
      topicPrefix: this.prefixes.topics,
      databasePrefix: this.prefixes.databases,
      secrets: await newSecrets(),
      auth: (this.auth = await this.openLogin()),
      // A test does not wait for minutes until a mail is sent again.
      env: {
        ...env,
        orders: { ...UNHURRIED, ...env?.orders },
        notifications: { ...SOON, ...env?.notifications },
        all: { LOG_LEVEL: 'warn', ...collector?.env, ...env?.all },
      },
    };
    await this.startAll();
  }

  private async startAll(): Promise<void> {
    const { infrastructure, prefixes, options } = this;
    const { onExit } = options;
    this.processes = await startSystem({ ...this.settings, ports: 'free', log: this.logs, ...(onExit && { onExit }) });
    this.client = new TestClient(this.processes.urls, await this.adminToken());
    const kafkaSecurity = await kafkaSecurityAs('admin', infrastructure.logins);
    this.eventTap = await EventTap.open({ ...infrastructure, kafkaSecurity, topicPrefix: prefixes.topics });
  }

  /** Stops everything in an orderly way, and starts it again with the variables of this process as they are then. */
  async restart(meanwhile: () => Promise<void>): Promise<void> {
    await this.eventTap.close();
    await this.processes!.stop();
    await meanwhile();
    await this.startAll();
  }

  private async openLogin(): Promise<Auth> {
    if (!this.options.login) return 'off';
    this.tokens = await Tokens.new();
    const keySetFile = join(this.logs, 'jwks.json');
    await writeFile(keySetFile, JSON.stringify(this.tokens.keys.keySet));
    return { keySetFile };
  }

  private async adminToken(): Promise<string | undefined> {
    return this.options.login ? this.tokens.of('admin') : undefined;
  }

  /** Ends everything and drops its databases; the logs of the services are kept where `E2E_KEEP_LOGS` is set. */
  private async close(): Promise<void> {
    // Each is missing where the system could not be opened.
    await (this.eventTap as EventTap | undefined)?.close();
    await Promise.all(this.others.map(async (it) => it.stop()));
    await this.processes?.stop();
    await this.options.collector?.close();
    for (const name of serviceNames) await dropDatabase(this.databaseUrlOf(name));
    if (process.env['E2E_KEEP_LOGS'] === undefined) await rm(this.logs, { recursive: true, force: true });
  }

  /** Ends a service; SIGKILL does it as a power cut would. */
  async kill(name: ServiceName, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    await this.processes!.service(name).kill(signal);
  }

  /** Starts a second instance of orders. @param env beside that of the first one @returns its URL once it is ready */
  async startAnotherOrders(env: Readonly<Record<string, string>>): Promise<string> {
    const port = await freePort();
    // The ports of others are in the settings of payments and notifications alone.
    const ports = { ...(Object.fromEntries(serviceNames.map((name) => [name, port])) as SystemPorts), smtp: port };
    const another = new ServiceProcess({
      name: 'orders',
      port,
      env: { ...serviceEnv('orders', ports, this.settings), ...env },
      log: join(this.logs, 'orders.another.log'),
      onExit: (name, how) => this.options.onExit?.(name, how),
    });
    this.others.push(another);
    await another.start();
    return `http://127.0.0.1:${port}`;
  }

  /** Starts a service that was ended. */
  async start(name: ServiceName): Promise<void> {
    await this.processes!.service(name).start();
  }

  /** The rows of a service's own database, for state without an HTTP route. */
  async rowsOf<Row extends object>(name: ServiceName, sql: string, values: unknown[] = []): Promise<Row[]> {
    return connected(this.databaseUrlOf(name), async (client) => (await client.query<Row>(sql, values)).rows);
  }

  private databaseUrlOf(name: ServiceName): string {
    return databaseUrlOf(this.infrastructure.databaseUrl, this.prefixes.databases + name);
  }

  /** The number of rows of a table in a service's own database. @param condition in SQL */
  async count(name: ServiceName, table: string, condition = 'true'): Promise<number> {
    const sql = `SELECT count(*)::int AS count FROM ${table} WHERE ${condition}`;
    const [row] = await this.rowsOf<{ count: number }>(name, sql);
    return row!.count;
  }

  /** The log of a service so far, line by line. */
  async logOf(name: ServiceName): Promise<string[]> {
    const text = await readFile(join(this.logs, `${name}.log`), 'utf8');
    // The last line may be written in part.
    return text
      .split('\n')
      .slice(0, -1)
      .filter((line) => line !== '');
  }

  /** Names this system to the audit. */
  get auditEnv() {
    return {
      DATABASE_URL: databaseUrlAs('ops', this.infrastructure.databaseUrl, this.infrastructure.logins),
      DATABASE_PREFIX: this.prefixes.databases,
      KAFKA_BROKERS: this.infrastructure.kafkaBrokers,
      ...kafkaLoginEnv(this.infrastructure.logins, 'ops'),
      TOPIC_PREFIX: this.prefixes.topics,
      // Young orders are judged too: a test waits for all of its orders.
      ORDER_DEADLINE_SECONDS: '0',
    };
  }

  /** The result of the audit as soon as it passes, else the last one after `withinMs`. */
  async audit(withinMs = 60_000): Promise<Audited> {
    let last: Audited | undefined;
    const passes = async () => {
      last = await runAudit(this.auditEnv);
      if (this.options.mayCopyMails) last = withoutCopies(last);
      return last.violations.length + last.parked.length === 0;
    };
    await eventually(passes, withinMs).catch((error: unknown) => {
      if (last === undefined) throw error;
    });
    return last!;
  }
}

const withoutCopies = ({ violations, parked }: Audited): Audited => ({
  violations: violations.filter((violation) => !violation.startsWith('no mail arrives a second time: ')),
  parked,
});

/** The last test of a file: money, stock and mail add up, nothing is parked, every outbox is empty. */
export function auditPasses(system: TestSystem): void {
  it('the audit passes', async () => {
    expect(await system.audit()).toEqual({ violations: [], parked: [] });
  });
}
