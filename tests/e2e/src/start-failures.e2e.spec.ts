import { describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connected, databaseUrlOf, dropDatabase, listenOn, runGuarded } from '@orderflow/local';
import { KafkajsBroker, SchemaRegistry, subjectOf } from '@orderflow/kafka';
import { startPgBouncer, withoutPgBouncer } from '@orderflow/local/test/pgbouncer';
import { LoneOrders } from './support/lone-orders.js';
import { ownRegistry } from './support/own-registry.js';
import { repository } from './support/run-ops.js';

const orders = new LoneOrders();
const { kafkaBrokers, schemaRegistryUrl } = orders.shared;

/** Starts orders alone, as its container would: it ends with code 1 and one line that contains these words. @returns the line */
async function expectFailure(env: Readonly<Record<string, string>>, ...words: readonly string[]): Promise<string> {
  const child = orders.spawn(env);
  let stderr = '';
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  // A service that starts although it must not would run for ever.
  const tooLong = setTimeout(() => child.kill('SIGKILL'), 60_000);
  const [exitCode] = (await once(child, 'close')) as [number | null];
  clearTimeout(tooLong);
  expect({ exitCode, lines: stderr.trim().split('\n') }).toEqual({ exitCode: 1, lines: [expect.any(String)] });
  for (const word of words) expect(stderr).toContain(word);
  return stderr;
}

// A program of its own: here kafkajs is behind one port, which cannot create a topic with a wrong partition count.
const PROGRAM = `
  import { Kafka } from 'kafkajs';
  const [brokers, topic, numPartitions] = process.argv.slice(1);
  const admin = new Kafka({ clientId: 'odd-topic', brokers: brokers.split(','), logLevel: 0 }).admin();
  await admin.connect();
  await admin.createTopics({ waitForLeaders: true, topics: [{ topic, numPartitions: Number(numPartitions) }] });
  await admin.disconnect();`;

/** Creates a topic with any partition count. */
async function makeOddTopic(topic: string, partitions: number): Promise<void> {
  const args = ['--input-type=module', '-e', PROGRAM, kafkaBrokers, topic, String(partitions)];
  await runGuarded(process.execPath, args, { cwd: repository });
}

describe('a service that cannot start gives the reason in one line and exits with 1', () => {
  it('when its port is taken', async () => {
    const holder = createServer();
    const port = String(await listenOn(holder));
    await expectFailure({ PORT: port }, port, 'taken').finally(() => holder.close());
  });

  it('when its database refuses it', async () => {
    const nothing = orders.env['DATABASE_URL']!.replace(/_orders$/, '_none');
    await expectFailure({ DATABASE_URL: nothing }, 'DATABASE_URL', 'does not exist');
  });

  (withoutPgBouncer ? it.skip : it)('when a pooler in transaction mode stands before its database', async () => {
    const url = orders.env['DATABASE_URL']!;
    const pooler = await startPgBouncer(url, 'transaction', new URL(url).pathname.slice(1));
    try {
      await expectFailure({ DATABASE_URL: pooler.url }, 'DATABASE_URL', 'set "pool_mode = session" in PgBouncer');
    } finally {
      await pooler.stop();
    }
  });

  it('when a topic has another number of partitions', async () => {
    const odd = `e2e-${randomUUID().slice(0, 8)}.`;
    await makeOddTopic(`${odd}payments.events`, 7);
    const broker = new KafkajsBroker({ brokers: kafkaBrokers.split(','), clientId: 'e2e' });
    await expect(broker.ensureTopics(odd)).rejects.toThrow('payments.events');
    await broker.disconnect();
    await expectFailure({ TOPIC_PREFIX: odd }, `${odd}payments.events`, '7', '6');
  });

  it('when the registry holds an incompatible schema', async () => {
    const registry = await ownRegistry(schemaRegistryUrl, `e2e-${randomUUID()}.`);
    const fields = [{ name: 'answer', type: 'int' }];
    const other = { type: 'record', name: 'OrderPlaced', namespace: 'orderflow.orders', fields };
    try {
      await new SchemaRegistry(registry.url).register(subjectOf('OrderPlaced'), other);
      await expectFailure({ SCHEMA_REGISTRY_URL: registry.url }, 'orderflow.orders.OrderPlaced', 'FULL_TRANSITIVE');
    } finally {
      await registry.close();
    }
  });

  it('when its database is older, and names the command', async () => {
    const databaseUrl = databaseUrlOf(orders.shared.databaseUrl, `e2e_${randomUUID().slice(0, 8)}_older`);
    try {
      await connected(databaseUrlOf(databaseUrl, 'postgres'), async (client) =>
        client.query(`CREATE DATABASE ${client.escapeIdentifier(new URL(databaseUrl).pathname.slice(1))}`),
      );
      await expectFailure({ DATABASE_URL: databaseUrl }, 'older than this version', 'npx orderflow migrate orders');
    } finally {
      await dropDatabase(databaseUrl);
    }
  });

  it('when it is not told how to know its callers, or in two ways', async () => {
    await expectFailure({ AUTH: '' }, 'AUTH_JWKS_URL', 'AUTH_JWKS_FILE', 'AUTH=off');
    await expectFailure({ AUTH: 'off', AUTH_JWKS_FILE: 'keys.json' }, 'AUTH=off and AUTH_JWKS_FILE');
    await expectFailure({ AUTH: '', AUTH_JWKS_FILE: 'no-such-keys.json' }, 'AUTH_JWKS_FILE', 'no-such-keys.json');
    // Three starts, each of which may take as long as it is waited for.
  }, 200_000);

  it('when it would take tokens of a development key in production', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'orderflow-e2e-'));
    const keys = [{ kty: 'OKP', crv: 'Ed25519', x: 'A'.repeat(43), kid: 'development-0a1b2c3d' }];
    const file = join(dir, 'keys.json');
    await writeFile(file, JSON.stringify({ keys }));
    const env = { AUTH: '', AUTH_JWKS_FILE: file, NODE_ENV: 'production' };
    try {
      await expectFailure(env, 'development-0a1b2c3d', 'AUTH_DEVELOPMENT_KEY');
    } finally {
      await rm(dir, { recursive: true });
    }
  }, 100_000);

  it('when a setting is missing or invalid', async () => {
    await expectFailure({ KAFKA_BROKERS: '' }, 'KAFKA_BROKERS');
    await expectFailure({ ORDER_DEADLINE_SECONDS: 'soon' }, 'ORDER_DEADLINE_SECONDS');
    await expectFailure({ PAYMENT_TOKEN_PUBLIC_KEY: '' }, 'PAYMENT_TOKEN_PUBLIC_KEY', 'npx orderflow secrets');
  });
});
