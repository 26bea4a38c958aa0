import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, it, jest } from '@jest/globals';
import { eventually } from '@orderflow/client';
import { KafkajsBroker } from '@orderflow/kafka';
import { Proxy } from '@orderflow/local/test/proxy';
import type { ServiceDefinition } from '../src/index.js';
import { ServiceRuntime } from '../src/runtime/runtime.js';
import { type CounterTypes, counting, quietLog } from './counters.js';
import { CountersDatabase } from './counters-database.js';

const { KAFKA_BROKERS: brokers, SCHEMA_REGISTRY_URL: schemaRegistryUrl } = process.env;

const counted = ({ subject }: { subject: string }) => ({ subject, by: 1 });
const definition: ServiceDefinition<CounterTypes> = {
  ...counting(),
  reactions: { OrderPlaced: counted, StockReserved: counted, OrderCancelled: counted },
  takeBack: { commandOf: counted, sequenceOf: (_event, { sequence }) => sequence, eventsOf: () => [] },
};

const own = new CountersDatabase('test');

/** A service that is connected through a proxy before its database, and the reasons for which it waits. */
async function connected() {
  const { hostname, port } = new URL(own.url);
  const proxy = await Proxy.start(0, Number(port), hostname);
  own.beforeDrop(async () => proxy.stop());
  const databaseUrl = own.url.replace(`${hostname}:${port}`, `127.0.0.1:${proxy.port}`);
  const topicPrefix = `test-${randomUUID()}.`;
  const kafkaBrokers = brokers!.split(',');
  const broker = new KafkajsBroker({ brokers: kafkaBrokers, clientId: 'test' });
  await broker.ensureTopics(topicPrefix);
  await broker.disconnect();
  const reasons: string[] = [];
  const runtime = await ServiceRuntime.create(
    definition,
    {
      databaseUrl,
      migrations: join(import.meta.dirname, '../../../prisma/payments/migrations'),
      kafkaBrokers,
      schemaRegistryUrl: schemaRegistryUrl!,
      schemaAutoRegister: true,
      topicPrefix,
      outboxPollMs: 100,
    },
    { ...quietLog, warn: ({ reason }: { reason?: unknown }) => void reasons.push(String(reason)) },
  );
  own.beforeDrop(async () => runtime.onApplicationShutdown());
  return { runtime, proxy, reasons };
}

// npm test always has a broker and a registry; most tests of this library need PostgreSQL only.
(brokers && schemaRegistryUrl ? describe : describe.skip)('the start of a service', () => {
  // A try at the database takes five seconds, and the tests begin with topics of their own.
  jest.setTimeout(120_000);

  it.each(['half-open', 'withheld answers', 'reset'] as const)(
    'waits for a database that goes away after its first check, and says so: %s',
    async (fault) => {
      const { runtime, proxy, reasons } = await connected();
      const mend = proxy.begin(fault);
      const checked = runtime.check();
      await eventually(() => reasons.some((reason) => reason.startsWith('DATABASE_URL')), 60_000);
      mend();
      await checked;
    },
  );

  it('waits while another session holds the rows that it must look at', async () => {
    const { runtime, reasons } = await connected();
    const held = Promise.withResolvers<void>();
    const holding = own.instance().connection.transaction(async (sql) => {
      await sql.query('LOCK TABLE counters');
      await held.promise;
    });
    const checked = runtime.check();
    await eventually(() => reasons.some((reason) => reason.includes('timeout')), 60_000);
    held.resolve();
    await holding;
    await checked;
  });

  it('ends where an operator must act', async () => {
    const { runtime } = await connected();
    await own.database.query(`INSERT INTO kafka_cluster (id) VALUES ('another')`);
    await expect(runtime.check()).rejects.toMatchObject({ name: 'StartError', isAway: false });
  });
});
