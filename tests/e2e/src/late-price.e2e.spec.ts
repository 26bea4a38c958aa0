import { describe, expect, it } from '@jest/globals';
import { eventually } from '@orderflow/client';
import { KafkajsBroker, type RawRecord } from '@orderflow/kafka';
import { fresh } from './support/test-client.js';
import { auditPasses, TestSystem } from './support/test-system.js';

const system = new TestSystem();

/** The records of a product in the topic of prices, the newest last. */
async function pricesOf(sku: string): Promise<RawRecord[]> {
  const brokers = system.infrastructure.kafkaBrokers.split(',');
  const broker = new KafkajsBroker({ brokers, clientId: 'test' });
  const records: RawRecord[] = [];
  await broker.readLog(
    [`${system.prefixes.topics}inventory.products`],
    'earliest',
    async (read) => void records.push(...read),
  );
  await broker.disconnect();
  return records.filter(({ key }) => key?.toString() === sku);
}

describe('a relay that was stopped in the middle of a request', () => {
  it('stores an old price after the newest one, which is published again with its id: compaction keeps the newest', async () => {
    const { client, eventTap } = system;
    const sku = fresh('sku');
    await client.stockUp({ sku, name: 'Tea', priceMinor: 450, currency: 'EUR' }, 1);
    await client.putProduct({ sku, name: 'Tea', priceMinor: 500, currency: 'EUR' });
    const idsOf = async () => (await pricesOf(sku)).map(({ headers }) => headers['ce_id']!.toString());
    const [old, newest] = await eventually(async () => {
      const ids = await idsOf();
      expect(ids).toHaveLength(2);
      return ids;
    });
    const [{ topic, value, headers }] = (await pricesOf(sku)) as [RawRecord];
    const copied = Object.fromEntries(Object.entries(headers).map(([name, bytes]) => [name, bytes.toString()]));
    await eventTap.publish([{ topic, key: sku, value: value!, headers: copied }]);
    expect((await idsOf()).at(-1)).toBe(old);

    await system.kill('inventory', 'SIGTERM');
    await system.start('inventory');

    await eventually(async () => expect((await idsOf()).at(-1)).toBe(newest));
    expect(
      await system.rowsOf('orders', 'SELECT price_minor::int AS price FROM price_list WHERE sku = $1', [sku]),
    ).toEqual([{ price: 500 }]);
  }, 300_000);
});

auditPasses(system);
