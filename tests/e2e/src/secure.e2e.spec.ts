import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { copyOf, type ServiceName } from '@orderflow/client';
import { KafkajsBroker, kafkaSecurityFrom, type OutgoingRecord } from '@orderflow/kafka';
import {
  connected,
  databaseUrlAs,
  databaseUrlOf,
  freeInfrastructurePorts,
  type Infrastructure,
  kafkaLoginEnv,
  type KafkaUser,
  type PostgresRole,
  removeInfrastructure,
  startInfrastructure,
  temporaryFolder,
} from '@orderflow/local';
import { runOps } from './support/run-ops.js';
import { auditPasses, TestSystem } from './support/test-system.js';

const dir = temporaryFolder('e2e-secure');
let parts: Infrastructure;
const system = new TestSystem({
  infrastructure: async () =>
    (parts = await startInfrastructure({ dir, ports: await freeInfrastructurePorts(), secure: true })),
});
afterAll(async () => {
  await (parts as Infrastructure | undefined)?.stop();
  await removeInfrastructure(dir);
});

interface Outcome {
  readonly title: string;
  readonly paymentToken: string;
  readonly quantity: number;
  readonly cancels?: true;
  readonly order: object;
}

const outcomes: readonly Outcome[] = [
  {
    title: 'an order is confirmed',
    paymentToken: 'tok_visa',
    quantity: 1,
    order: { status: 'confirmed', stock: 'committed', payment: 'captured' },
  },
  {
    title: 'an order of more than is in stock is cancelled',
    paymentToken: 'tok_visa',
    quantity: 9,
    order: { status: 'cancelled', cancelReason: 'out_of_stock', payment: 'voided' },
  },
  {
    title: 'an order whose payment is declined is cancelled',
    paymentToken: 'tok_declined',
    quantity: 1,
    order: { status: 'cancelled', cancelReason: 'payment_declined', stock: 'released' },
  },
  {
    title: 'an order that is cancelled while it is charged is refunded',
    paymentToken: 'tok_slow',
    quantity: 1,
    cancels: true,
    order: { status: 'cancelled', cancelReason: 'customer_request', stock: 'released', payment: 'refunded' },
  },
];

async function settle({ paymentToken, quantity, cancels }: Outcome) {
  const { client } = system;
  const sku = await client.newProduct({ units: 5 });
  const order = { lines: [{ sku, quantity }], paymentToken };
  return client.settled(cancels ? await client.placeAndCancel(sku) : await client.place(order));
}

describe('with TLS, logins and least rights between the parts', () => {
  it.each(outcomes)('$title', async (outcome) => {
    expect(await settle(outcome)).toMatchObject(outcome.order);
  });
});

/** The outcome of a publication by a user: `stored`, or Kafka's error. */
async function publishedBy(user: KafkaUser, record: OutgoingRecord): Promise<unknown> {
  const security = kafkaSecurityFrom(kafkaLoginEnv(parts.logins, user));
  const broker = new KafkajsBroker({ brokers: [parts.kafkaBrokers], clientId: 'forger', security });
  try {
    await broker.publish([record]);
    return 'stored';
  } catch (error) {
    return (error as { type?: unknown }).type ?? error;
  } finally {
    await broker.disconnect();
  }
}

describe("an event of payments in orders' name", () => {
  let record: OutgoingRecord;

  beforeAll(async () => {
    const { orderId } = await settle(outcomes[0]!);
    const captured = (await system.eventTap.eventsOf(orderId)).find(({ event }) => event.type === 'PaymentCaptured');
    // The same event once more: it changes nothing, wherever it is stored.
    record = copyOf(captured!.record) as unknown as OutgoingRecord;
  });

  it('is refused by the broker', async () => {
    expect(await publishedBy('orders', record)).toBe('TOPIC_AUTHORIZATION_FAILED');
  });

  it('is refused from operators too, and taken from payments', async () => {
    expect(await publishedBy('ops', record)).toBe('TOPIC_AUTHORIZATION_FAILED');
    expect(await publishedBy('payments', record)).toBe('stored');
  });
});

describe('a client of Kafka', () => {
  const clusterAs = async (env: NodeJS.ProcessEnv) => {
    const security = kafkaSecurityFrom(env);
    const broker = new KafkajsBroker({ brokers: [parts.kafkaBrokers], clientId: 'x', security, reachTimeoutMs: 1 });
    try {
      return await broker.clusterId();
    } finally {
      await broker.disconnect();
    }
  };

  it('is refused without TLS and a login', async () => {
    await expect(clusterAs({})).rejects.toThrow(/cannot be reached/);
  });

  it('is refused with a wrong password, with its reason', async () => {
    const env = { ...kafkaLoginEnv(parts.logins, 'orders'), KAFKA_SASL_PASSWORD: 'wrong' };
    await expect(clusterAs(env)).rejects.toThrow(/refuse the login of "orders": correct KAFKA_SASL_USERNAME/);
  });

  it('refuses a broker whose authority it does not trust, with its reason', async () => {
    const env = { ...kafkaLoginEnv(parts.logins, 'orders'), KAFKA_TLS_CA_FILE: '' };
    await expect(clusterAs(env)).rejects.toThrow(/a certificate that is not trusted .* set KAFKA_TLS_CA_FILE/);
  });
});

describe('a service of the database server', () => {
  /** The outcome of a statement by a role in the database of a service: its rows, or the SQLSTATE. */
  const outcomeOf = async (role: PostgresRole, database: ServiceName, sql: string): Promise<unknown> => {
    const url = databaseUrlOf(parts.databaseUrl, system.prefixes.databases + database);
    const ran = connected(databaseUrlAs(role, url, parts.logins), async (client) => (await client.query(sql)).rows);
    return ran.catch((error: unknown) => (error as { code?: unknown }).code ?? error);
  };
  const INSUFFICIENT_PRIVILEGE = '42501';

  it('reads its own database, by TLS', async () => {
    const sql = 'SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid() AND EXISTS (SELECT FROM stock)';
    expect(await outcomeOf('inventory', 'inventory', sql)).toEqual([{ ssl: true }]);
  });

  it('reads no database of another one', async () => {
    expect(await outcomeOf('inventory', 'orders', 'SELECT')).toBe(INSUFFICIENT_PRIVILEGE);
  });

  it.each([
    'CREATE TABLE public.own (id int)',
    'CREATE TEMP TABLE own (id int)',
    'ALTER TABLE stock ADD COLUMN own int',
    'TRUNCATE stock',
    "UPDATE _prisma_migrations SET checksum = 'forged'",
    'CREATE ROLE own',
    'SELECT pg_read_file($$/etc/passwd$$)',
  ])('changes no table, and nothing of the server: %s', async (sql) => {
    expect(await outcomeOf('inventory', 'inventory', sql)).toBe(INSUFFICIENT_PRIVILEGE);
  });

  it('is read by operators, who change nothing', async () => {
    expect(await outcomeOf('ops', 'inventory', 'SELECT FROM stock LIMIT 1')).toHaveLength(1);
    expect(await outcomeOf('ops', 'inventory', 'DELETE FROM stock')).toBe(INSUFFICIENT_PRIVILEGE);
  });

  it('is refused without TLS', async () => {
    const url = new URL(databaseUrlAs('inventory', parts.databaseUrl, parts.logins));
    url.search = '?sslmode=disable';
    const error = await connected(url.href, async () => undefined).catch((thrown: unknown) => thrown);
    expect(String(error)).toMatch(/no pg_hba\.conf entry .* no encryption/);
  });
});

describe('a rebuild, which makes tables', () => {
  const rebuildAs = (role: PostgresRole, ...args: string[]) =>
    runOps('rebuild', ['order-views', ...args], {
      DATABASE_URL: databaseUrlAs(role, parts.databaseUrl, parts.logins),
      DATABASE_PREFIX: system.prefixes.databases,
      KAFKA_BROKERS: parts.kafkaBrokers,
      ...kafkaLoginEnv(parts.logins, 'orders'),
      SCHEMA_REGISTRY_URL: parts.schemaRegistryUrl,
      TOPIC_PREFIX: system.prefixes.topics,
    });

  it('is refused to the login of the service, in one line', async () => {
    const { exitCode, errors } = await rebuildAs('orders', '--yes');
    expect(exitCode).toBe(1);
    expect(errors.trim()).toMatch(
      /only migrations, the owner of order_views, can rebuild it: set DATABASE_URL to its login$/,
    );
  });

  it('takes the login of the migrations, and the service works on with its own', async () => {
    const before = await settle(outcomes[0]!);
    const { exitCode, output, errors } = await rebuildAs('migrations', '--yes');
    expect({ exitCode, output, errors }).toMatchObject({ exitCode: 0, output: expect.stringContaining('Switched.') });
    expect(output).toContain('Live rows with another content: 0. Live rows that lack a consumed event: 0.');
    expect(await system.client.order(before.orderId)).toEqual(before);
    expect(await settle(outcomes[0]!)).toMatchObject(outcomes[0]!.order);
    expect((await rebuildAs('migrations', '--drop', '--yes')).output).toContain('Dropped: replaced.order_views.');
  });
});

auditPasses(system);
