import { describe, expect, it } from '@jest/globals';
import { eventually } from '@orderflow/client';
import { eventsOf, services, topicOf } from '@orderflow/contracts';
import { KafkajsBroker, type RawRecord } from '@orderflow/kafka';
import { createTopics } from '@orderflow/local';
import { deleteTopic } from '../../../libs/kafka/test/topic-config.js';
import { operate } from './support/operator.js';
import { Scrape } from './support/scrape.js';
import { auditPasses, TestSystem } from './support/test-system.js';

const system = new TestSystem({
  env: { orders: { ORDER_DEADLINE_SECONDS: '600' }, sandbox: { SLOW_SECONDS: '4' } },
});

/** The topic is deleted, with everything in it, and created again. */
async function loseTopic(topic: string): Promise<void> {
  const { kafkaBrokers } = system.infrastructure;
  await deleteTopic(kafkaBrokers.split(','), topic);
  await createTopics(kafkaBrokers, system.prefixes.topics);
}

const republish = (...args: string[]) => operate(system, 'republish', 'orders', '--since', 'earliest', ...args);

const lostRecords = async () => (await Scrape.of(system.client, 'orders')).sum('orderflow_lost_records', {});

describe('a topic that is lost while inventory has not read all of it', () => {
  it('is noticed by orders, which publishes everything again under the same ids: every order settles once', async () => {
    const { client } = system;
    const sku = await client.newProduct({ units: 10 });
    const lines = [{ sku, quantity: 1 }];
    const done = await client.place({ lines });
    await client.settled(done);
    // Confirmed, and inventory does not know it: its stock stays reserved.
    const confirmed = await client.place({ lines, paymentToken: 'tok_slow' });
    await client.chargeOf(confirmed);
    await system.kill('inventory');
    await client.orderWhen(confirmed, ({ status }) => status === 'confirmed');
    const unread = await client.place({ lines });
    await eventually(async () => expect(await client.outbox('orders')).toMatchObject({ pending: 0 }));

    await loseTopic(`${system.prefixes.topics}orders.events`);

    await eventually(async () => expect(await lostRecords()).toBeGreaterThan(0));
    const held = await client.place({ lines });
    expect((await system.logOf('orders')).join('\n')).toContain('orderflow republish orders');
    expect(await republish('--yes')).toMatchObject({
      exitCode: 1,
      errors: expect.stringContaining('orders is running'),
    });
    // Until then nothing follows what is lost.
    expect(await client.outbox('orders')).toMatchObject({ pending: 1 });
    await system.kill('orders', 'SIGTERM');
    const planned = await republish();
    expect(planned).toMatchObject({
      exitCode: 0,
      output: expect.stringMatching(/4 {2}OrderPlaced[^]*Nothing was changed/),
    });
    expect(await republish('--yes')).toMatchObject({ exitCode: 0, output: expect.stringContaining('Done') });
    await Promise.all([system.start('orders'), system.start('inventory')]);

    for (const orderId of [done, confirmed, unread, held])
      expect(await client.settled(orderId, 60_000)).toMatchObject({ status: 'confirmed', stock: 'committed' });
    for (const orderId of [done, confirmed, unread, held]) {
      expect(await client.charges(orderId)).toHaveLength(1);
      expect(await client.mailsOf(orderId)).toEqual(['order-confirmed x1']);
    }
    expect(await client.product(sku)).toMatchObject({ onHand: 6, reserved: 0, committed: 4 });
    await eventually(async () => expect(await lostRecords()).toBe(0));
  }, 300_000);
});

/** The events that these topics hold: by topic and key, in their order, each with the bytes of its record. */
async function logOf(topics: readonly string[]): Promise<Record<string, string[]>> {
  const brokers = system.infrastructure.kafkaBrokers.split(',');
  const broker = new KafkajsBroker({ brokers, clientId: 'test' });
  const records: RawRecord[] = [];
  await broker.readLog(topics, 'earliest', async (read) => void records.push(...read));
  await broker.disconnect();
  const log: Record<string, string[]> = {};
  for (const { topic, key, value, headers } of records) {
    const events = (log[`${topic} ${key!.toString()}`] ??= []);
    const event = `${headers['ce_type']!.toString()} ${headers['ce_id']!.toString()} ${value!.toString('base64')}`;
    // An unknown outcome publishes an event twice.
    if (!events.includes(event)) events.push(event);
  }
  return log;
}

describe('all topics, lost at once', () => {
  it('hold the same events again, byte for byte and in their order, once every service has published them again', async () => {
    const { client } = system;
    const sku = await client.newProduct({ units: 10 });
    await client.oneOfEachOutcome(sku);
    const topics = [...new Set(services.flatMap(eventsOf).map(topicOf))].map((name) => system.prefixes.topics + name);
    const before = await logOf(topics);
    await Promise.all(services.map(async (service) => system.kill(service, 'SIGTERM')));
    for (const topic of topics) await loseTopic(topic);
    for (const service of services) {
      const ran = await operate(system, 'republish', service, '--since', 'earliest', '--yes');
      expect(ran).toMatchObject({ exitCode: 0, output: expect.stringContaining('Done') });
    }
    await Promise.all(services.map(async (service) => system.start(service)));
    await eventually(async () => expect(await logOf(topics)).toEqual(before), 60_000);
  }, 300_000);
});

auditPasses(system);
