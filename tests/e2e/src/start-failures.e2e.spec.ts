import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { databaseUrlOf, freePort, migrate } from '@orderflow/local';
import { KafkajsBroker, SchemaRegistry, subjectOf } from '@orderflow/kafka';
import { makeOddTopic } from './support/odd-topic.js';
import { ownRegistry } from './support/own-registry.js';
import { type Ended, startAlone } from './support/start-alone.js';
import { dropDatabase, sharedInfrastructure } from './support/test-system.js';

const { databaseUrl, kafkaBrokers, schemaRegistryUrl } = sharedInfrastructure();
const id = randomUUID().slice(0, 8);
const topicPrefix = `e2e-${id}.`;
const database = `e2e_${id}_orders`;
const migrations = join(import.meta.dirname, '..', '..', '..', 'prisma', 'orders', 'migrations');

let sound: Record<string, string>;

beforeAll(async () => {
  await migrate({ databaseUrl: databaseUrlOf(databaseUrl, database), folder: migrations });
  const broker = new KafkajsBroker({ brokers: kafkaBrokers.split(','), clientId: 'e2e' });
  await broker.ensureTopics(topicPrefix);
  await broker.disconnect();
  sound = {
    PORT: String(await freePort()),
    DATABASE_URL: databaseUrlOf(databaseUrl, database),
    KAFKA_BROKERS: kafkaBrokers,
    SCHEMA_REGISTRY_URL: schemaRegistryUrl,
    SCHEMA_AUTO_REGISTER: 'true',
    TOPIC_PREFIX: topicPrefix,
    LOG_LEVEL: 'silent',
  };
});
afterAll(async () => {
  await dropDatabase(databaseUrl, database);
});

/** Differences from an exit with code 1 and one line with these words. */
function complaints({ exitCode, stderr }: Ended, ...words: string[]): string[] {
  return [
    ...words.filter((word) => !stderr.includes(word)).map((word) => `it does not say ${word}: ${stderr.slice(0, 500)}`),
    ...(stderr.includes('\n') ? [`it says more than a line: ${stderr.slice(0, 500)}`] : []),
    ...(exitCode === 1 ? [] : [`it ends with ${exitCode}`]),
  ];
}

describe('a service that cannot start gives the reason in one line and exits with 1', () => {
  it('when its port is taken', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    const { port } = holder.address() as AddressInfo;
    try {
      expect(complaints(await startAlone('orders', { ...sound, PORT: String(port) }), String(port), 'taken')).toEqual(
        [],
      );
    } finally {
      holder.close();
    }
  });

  it('when no server answers at DATABASE_URL', async () => {
    const nowhere = `postgres://orderflow:secret@127.0.0.1:${await freePort()}/orders`;
    const ended = await startAlone('orders', { ...sound, DATABASE_URL: nowhere });
    expect(complaints(ended, 'DATABASE_URL')).toEqual([]);
    expect(ended.stderr).not.toContain('secret');
  });

  it('when no broker answers at KAFKA_BROKERS', async () => {
    const nowhere = `127.0.0.1:${await freePort()}`;
    expect(
      complaints(await startAlone('orders', { ...sound, KAFKA_BROKERS: nowhere }), 'KAFKA_BROKERS', nowhere),
    ).toEqual([]);
  });

  it('when a topic has another number of partitions', async () => {
    const odd = `e2e-${randomUUID().slice(0, 8)}.`;
    await makeOddTopic(kafkaBrokers, `${odd}payments.events`, 3);
    const broker = new KafkajsBroker({ brokers: kafkaBrokers.split(','), clientId: 'e2e' });
    await expect(broker.ensureTopics(odd)).rejects.toThrow('payments.events');
    await broker.disconnect();
    const ended = await startAlone('orders', { ...sound, TOPIC_PREFIX: odd });
    expect(complaints(ended, `${odd}payments.events`, '3', '6')).toEqual([]);
  });

  it('when the registry holds an incompatible schema', async () => {
    const registry = await ownRegistry(schemaRegistryUrl, `e2e-${randomUUID()}.`);
    const fields = [{ name: 'answer', type: 'int' }];
    const other = { type: 'record', name: 'OrderPlaced', namespace: 'orderflow.orders', fields };
    try {
      await new SchemaRegistry(registry.url).register(subjectOf('OrderPlaced'), other);
      const ended = await startAlone('orders', { ...sound, SCHEMA_REGISTRY_URL: registry.url });
      expect(complaints(ended, 'orderflow.orders.OrderPlaced', 'FULL_TRANSITIVE')).toEqual([]);
    } finally {
      await registry.close();
    }
  });

  it('when a setting is missing or invalid', async () => {
    expect(complaints(await startAlone('orders', { ...sound, KAFKA_BROKERS: '' }), 'KAFKA_BROKERS')).toEqual([]);
    expect(
      complaints(await startAlone('orders', { ...sound, ORDER_DEADLINE_SECONDS: 'soon' }), 'ORDER_DEADLINE_SECONDS'),
    ).toEqual([]);
  });
});
