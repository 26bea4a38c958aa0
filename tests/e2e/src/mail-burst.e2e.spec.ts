import { describe, expect, it } from '@jest/globals';
import { eventually } from '@orderflow/client';
import { auditPasses, TestSystem } from './support/test-system.js';

const AT_ONCE = 10;
const system = new TestSystem({ env: { notifications: { MAIL_CONNECTIONS: String(AT_ONCE) } } });

/** Mails that arrived, and how often they did. */
async function received(): Promise<{ mails: number; copies: number }> {
  const sql = 'SELECT count(*)::int AS mails, coalesce(sum(copies), 0)::int AS copies FROM mails';
  const [row] = await system.rowsOf<{ mails: number; copies: number }>('sandbox', sql);
  return row!;
}

/** Places so many orders, each of which leads to one mail. @returns how many mails there are once all have arrived */
async function placed(orders: number): Promise<number> {
  const { client } = system;
  const sku = await client.newProduct({ units: orders });
  const { mails } = await received();
  await client.placeSeveral(orders, { lines: [{ sku, quantity: 1 }] });
  return mails + orders;
}

const allArrived = (mails: number) => eventually(async () => expect((await received()).mails).toBe(mails), 120_000);
const allAnswered = () =>
  eventually(async () => expect(await system.count('notifications', 'external_calls')).toBe(0), 60_000);

describe('a slow mail server', () => {
  it.each([
    // The last ones wait for longer than a lease lasts.
    ['a burst of 200 orders at 1 s a mail', 200, 1_000],
    ['a burst of 500 orders at 0.3 s a mail', 500, 300],
    ['20 orders at 7 s a mail', 20, 7_000],
    ['20 orders at 20 s a mail, longer than a lease lasts', 20, 20_000],
  ])(
    'gets each mail once: %s',
    async (_, orders, delayMs) => {
      await system.client.setFaults({ mail: { delayMs } });
      const mails = await placed(orders);
      await allArrived(mails);
      await allAnswered();
      expect(await received()).toEqual({ mails, copies: mails });
    },
    300_000,
  );

  it('gets each mail once although its sender is stopped while it sends', async () => {
    await system.client.setFaults({ mail: { delayMs: 7_000 } });
    const before = (await received()).mails;
    const mails = await placed(3 * AT_ONCE);
    await eventually(async () => (await received()).mails > before, 60_000);
    // All connections are busy with the next mails.
    await system.kill('notifications', 'SIGTERM');
    await system.client.setFaults({ mail: {} });
    await system.start('notifications');
    await allArrived(mails);
    await allAnswered();
    expect(await received()).toEqual({ mails, copies: mails });
  }, 300_000);
});

auditPasses(system);
