import { describe, expect, it } from '@jest/globals';
import { eventually } from '@orderflow/client';
import { deleteAll } from '../../../libs/kafka/test/topic-config.js';
import { deadLettersCli } from './support/parked.js';
import { auditPasses, TestSystem } from './support/test-system.js';

const system = new TestSystem({ env: { orders: { ORDER_DEADLINE_SECONDS: '10' } } });

const OTHERS = ['orders.views', 'inventory', 'notifications'];

/** What the audit says about records that expired unread. */
const expired = async (): Promise<string[]> => {
  const { violations } = await system.audit(0);
  return violations.filter((violation) => violation.startsWith('no record expired'));
};

describe('an event that expired before payments consumed it', () => {
  it('lets its order end at the deadline, and is named by the audit until an operator acknowledges it', async () => {
    const { client, eventTap, infrastructure } = system;
    const sku = await client.newProduct({ units: 5 });
    await client.settled(await client.place({ lines: [{ sku, quantity: 1 }] }));
    await system.kill('payments');
    const orderId = await client.place({ lines: [{ sku, quantity: 1 }] });
    for (const group of OTHERS)
      await eventually(async () => {
        const behind = (await eventTap.lagOf(group, ['OrderPlaced'])).filter(({ records }) => records > 0);
        expect({ group, behind }).toEqual({ group, behind: [] });
      });
    await deleteAll(infrastructure.kafkaBrokers.split(','), `${system.prefixes.topics}orders.events`);
    await system.start('payments');

    expect(await client.settled(orderId, 60_000)).toMatchObject({ status: 'cancelled', cancelReason: 'timed_out' });
    const offsets = /payments, \S+orders\.events\/\d: payments has not consumed \d+ to \d+ \(\d+\)/;
    expect(await expired()).toEqual(expect.arrayContaining([expect.stringMatching(offsets)]));

    const { said } = await deadLettersCli(system, 'list', '--expired');
    const ids = said.match(/payments\/\d+/g) ?? [];
    for (const id of ids)
      expect(await deadLettersCli(system, 'acknowledge', id, '--reason', 'timed out')).toMatchObject({ code: 0 });
    expect(await expired()).toEqual([]);
  }, 300_000);
});

auditPasses(system);
