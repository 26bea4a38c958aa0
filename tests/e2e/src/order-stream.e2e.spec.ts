import { describe, expect, it } from '@jest/globals';
import { inParallel, StreamReader } from '@orderflow/client';
import { readHeard } from '@orderflow/order-view';
import { auditPasses, TestSystem } from './support/test-system.js';

const ORDERS = 25;
const CUTS_EACH = 4;
const TOKENS = ['tok_visa', 'tok_declined', 'tok_flaky', 'tok_slow'];

const system = new TestSystem({ env: { sandbox: { SLOW_SECONDS: '2' } } });

const urlOf = (orderId: string) => `${system.client.urls.orders}/orders/${orderId}/stream`;

const sumOf = (id: string): number => Object.values(readHeard(id) ?? {}).reduce((sum, sequence) => sum + sequence, 0);

/** Follows an order until it is settled, and cuts the stream a few times, every second time before anything has come. */
async function follow(orderId: string): Promise<StreamReader['frames']> {
  const frames: StreamReader['frames'] = [];
  const isSettled = () => frames.at(-1)?.data['settled'] === true;
  for (let cut = 0; !isSettled(); cut += 1) {
    const reader = await new StreamReader().open(urlOf(orderId), frames.at(-1)?.id);
    if (cut >= CUTS_EACH) await reader.ended();
    else if (cut % 2 === 1) await Promise.race([reader.until(() => true), reader.ended()]);
    await reader.close();
    frames.push(...reader.frames);
  }
  return frames;
}

describe('the stream of an order', () => {
  it(`leads to what its orders are in the end, each view once, although it is cut ${CUTS_EACH} times`, async () => {
    const { client } = system;
    const sku = await client.newProduct({ units: 10 * ORDERS });
    await inParallel(ORDERS, 5, async (index) => {
      const paymentToken = TOKENS[index % TOKENS.length]!;
      const orderId = await client.place({ lines: [{ sku, quantity: 1 }], paymentToken });
      const frames = await follow(orderId);
      const sums = frames.map(({ id }) => sumOf(id!));
      expect(sums).toEqual([...new Set(sums)].toSorted((a, b) => a - b));
      expect(frames.at(-1)!.data).toEqual(await client.settled(orderId));
    });
  });

  it('ends in order when orders is stopped, and goes on after its start', async () => {
    const { client } = system;
    const sku = await client.newProduct({ units: 1 });
    const orderId = await client.place({ lines: [{ sku, quantity: 1 }], paymentToken: 'tok_slow' });
    const reader = await new StreamReader().open(urlOf(orderId));
    await reader.until(({ data }) => data['status'] === 'placed');
    await system.kill('orders', 'SIGTERM');
    expect(await reader.ended()).toBe(true);
    expect(reader.frames.at(-1)!.data).toMatchObject({ settled: false });
    await system.start('orders');
    const resumed = await new StreamReader().open(urlOf(orderId), reader.lastId);
    expect(await resumed.ended()).toBe(true);
    expect(resumed.frames.at(-1)!.data).toMatchObject({ status: 'confirmed', settled: true });
  });
});

auditPasses(system);
