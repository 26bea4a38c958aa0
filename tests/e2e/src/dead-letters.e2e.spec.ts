import { beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@orderflow/client';
import { addType, deadLettersCli, discardHeads, orderWithUntypedRecord, useUpAttempts } from './support/parked.js';
import { auditPasses, TestSystem } from './support/test-system.js';

const system = new TestSystem();

const isCommitted = { onHand: 6, reserved: 0, committed: 4 };
const isReserved = { onHand: 10, reserved: 4, committed: 0 };

describe('orderflow dead-letters', () => {
  let orderId: string;
  let sku: string;
  let dead: string;
  /** OrderConfirmed, which waits behind the dead letter. */
  let waiting: string;
  const cli = async (...args: string[]) => deadLettersCli(system, ...args);

  beforeAll(async () => {
    ({ orderId, sku } = await orderWithUntypedRecord(system));
    await useUpAttempts(system, 'inventory', orderId);
    const parked = await system.client.deadLetters('inventory', { orderId });
    [dead, waiting] = parked.map(({ id }) => `inventory/${id}`) as [string, string];
  });

  it('lists a dead letter with order, type, attempts and reason', async () => {
    const { code, said } = await cli('list', '--order', orderId, '--state', 'dead');
    expect(code).toBe(0);
    expect(said).toMatch(new RegExp(`${dead} +dead .*${orderId} +\\(none\\) +10 +header_missing`));
  });

  it('shows why it cannot be decoded, and what waits behind it', async () => {
    const { said } = await cli('show', dead);
    expect(said).toContain('undecodable: header_missing');
    expect(said).toContain(`${waiting}  OrderConfirmed`);
  });

  it('shows an event behind it decoded, with the record that it waits for', async () => {
    const { said } = await cli('show', waiting);
    expect(said).toContain(`waits for ${dead}`);
    expect(said).toContain(`"subject": "${orderId}"`);
    expect(said).toContain('"totalMinor": 6000');
  });

  it('rejects a retry of an event behind it', async () => {
    const said = expect.stringContaining(`${dead.replace('inventory/', '')} is the first of its queue`);
    expect(await cli('retry', waiting)).toMatchObject({ code: 1, said });
  });

  it('says in a dry run why a retry would fail', async () => {
    const { said } = await cli('retry', '--all', '--order', orderId, '--dry-run');
    expect(said).toMatch(new RegExp(`${dead} .*fails +header_missing`));
  });

  describe('once it has its type', () => {
    beforeAll(async () => addType(system, 'inventory', orderId));

    it('names in a dry run the events that a retry would publish, and changes nothing', async () => {
      const { said } = await cli('retry', dead, '--dry-run');
      expect(said).toMatch(new RegExp(`${waiting} .*handled +StockCommitted`));
      expect(await system.client.product(sku)).toMatchObject(isReserved);
    });

    it('retries, and the queue is handled', async () => {
      expect(await cli('retry', dead)).toMatchObject({ code: 0, said: expect.stringContaining('Handled') });
      await eventually(async () => expect(await system.client.product(sku)).toMatchObject(isCommitted));
      expect((await cli('show', dead)).code).toBe(1);
    });

    it('discards only with a reason, keeps it, and logs every action', async () => {
      const [bad] = await system.client.deadLetters('notifications', { orderId });
      const notification = `notifications/${bad!.id}`;
      expect(await cli('discard', notification)).toMatchObject({ code: 1, said: expect.stringContaining('--reason') });
      const discarded = await cli('discard', notification, '--reason', 'not ours');
      expect(discarded).toMatchObject({ code: 0, said: expect.stringContaining('Discarded') });
      expect((await cli('show', notification)).said).toContain('discard by bob: not ours');
      const log = await cli('log');
      expect(log.said).toMatch(new RegExp(`${dead} +retry +bob`));
      expect(log.said).toMatch(new RegExp(`${notification} +discard +bob .*not ours`));
      await discardHeads(system, ['orders', 'payments'], orderId);
      expect(await system.client.settled(orderId)).toMatchObject({ status: 'confirmed', stock: 'committed' });
      expect(await system.client.mailsOf(orderId)).toEqual(['order-confirmed x1']);
    });
  });
});

auditPasses(system);
