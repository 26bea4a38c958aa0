import { beforeAll, describe, expect, it } from '@jest/globals';
import { demand, eventually, type ParkedRecord, request, type TapRecord } from '@orderflow/client';
import {
  deadLettersCli,
  discardHeads,
  makeTypeKnown,
  orderWithUnknownType,
  parkedOf,
  useUpAttempts,
} from './support/parked.js';
import { auditPasses, TestSystem } from './support/test-system.js';

const system = new TestSystem({ env: { sandbox: { SLOW_SECONDS: '2' } } });

const isCommitted = { onHand: 6, reserved: 0, committed: 4 };
const isReserved = { onHand: 10, reserved: 4, committed: 0 };

interface Case {
  readonly orderId: string;
  readonly sku: string;
  readonly unknown: TapRecord;
  readonly dead: ParkedRecord;
  /** OrderConfirmed, which waits behind it. */
  readonly waiting: ParkedRecord;
}

async function orderBehindDeadLetter(): Promise<Case> {
  const made = await orderWithUnknownType(system);
  const dead = await useUpAttempts(system, 'inventory', made.orderId);
  const [, waiting] = await parkedOf(system, 'inventory', made.orderId);
  return { ...made, dead, waiting: waiting! };
}

const expectConfirmedWithOneMail = async (orderId: string): Promise<void> => {
  expect(await system.client.settled(orderId)).toMatchObject({ status: 'confirmed', stock: 'committed' });
  expect(await system.client.mailsOf(orderId)).toEqual(['order-confirmed x1']);
};

describe('over HTTP', () => {
  let own: Case;
  const url = (path: string): string => `${system.client.urls.inventory}/dead-letters${path}`;
  const dryRun = async () => demand(url('/retry'), { json: { filter: { orderId: own.orderId }, dryRun: true } });

  beforeAll(async () => {
    own = await orderBehindDeadLetter();
  });

  it('a dead letter is shown with its bytes, its failures and the events behind it', async () => {
    expect(await demand(url(`/${own.dead.id}`))).toMatchObject({
      headers: { ce_type: 'OrderEaten' },
      value: own.unknown.value!.toString('base64'),
      event: null,
      undecodable: expect.stringContaining('unknown_type'),
      failures: expect.arrayContaining([{ at: expect.any(String), reason: expect.stringContaining('unknown_type') }]),
      behind: { count: 1, items: [{ id: own.waiting.id, type: 'OrderConfirmed' }] },
    });
  });

  it('an event behind it is shown decoded, with the record that it waits for', async () => {
    expect(await demand(url(`/${own.waiting.id}`))).toMatchObject({
      event: { specversion: '1.0', type: 'OrderConfirmed', subject: own.orderId, data: { totalMinor: 6_000 } },
      waitsFor: own.dead.id,
    });
  });

  it('an event behind it cannot be retried first', async () => {
    expect(await request(url(`/${own.waiting.id}/retry`), { method: 'POST' })).toMatchObject({
      status: 409,
      body: { head: own.dead.id },
    });
  });

  it('a dry run says why a retry would fail', async () => {
    expect(await dryRun()).toMatchObject({
      items: [{ id: own.dead.id, outcome: 'fails', reason: expect.stringContaining('unknown_type'), behind: [] }],
    });
  });

  describe('once the type is known', () => {
    beforeAll(async () => makeTypeKnown(system, 'inventory', own.orderId));

    it('a dry run names the events that a retry would publish, and changes nothing', async () => {
      expect(await dryRun()).toMatchObject({
        items: [
          {
            id: own.dead.id,
            outcome: 'handled',
            publishes: [],
            behind: [{ id: own.waiting.id, outcome: 'handled', publishes: ['StockCommitted'] }],
          },
        ],
      });
      expect(await system.client.product(own.sku)).toMatchObject(isReserved);
      expect(await parkedOf(system, 'inventory', own.orderId)).toMatchObject([{ state: 'dead' }, { state: 'waiting' }]);
    });

    it('a retry handles the whole queue in order, and is logged with its operator', async () => {
      const what = { method: 'POST', headers: { 'x-operator': 'ada' } } as const;
      const retried = await request(url(`/${own.dead.id}/retry`), what);
      expect(retried).toMatchObject({ status: 202, body: { state: 'retrying' } });
      await eventually(async () => expect(await parkedOf(system, 'inventory', own.orderId)).toEqual([]));
      expect(await system.client.product(own.sku)).toMatchObject(isCommitted);
      expect(await demand(url('/actions'))).toMatchObject({
        items: [{ parkedId: own.dead.id, action: 'retry', operator: 'ada' }],
      });
    });

    it('a discard at the other services lets the order settle', async () => {
      expect(await system.client.mails(own.orderId)).toEqual([]);
      await discardHeads(system, ['orders', 'payments', 'notifications'], own.orderId);
      await expectConfirmedWithOneMail(own.orderId);
    });
  });
});

describe('orderflow dead-letters', () => {
  let own: Case;
  let dead: string;
  let waiting: string;
  const cli = async (...args: string[]) => deadLettersCli(system, ...args);

  beforeAll(async () => {
    own = await orderBehindDeadLetter();
    dead = `inventory/${own.dead.id}`;
    waiting = `inventory/${own.waiting.id}`;
  });

  it('lists a dead letter with order, type, attempts and reason', async () => {
    const { code, said } = await cli('list', '--order', own.orderId, '--state', 'dead');
    expect(code).toBe(0);
    expect(said).toMatch(new RegExp(`${dead} +dead .*${own.orderId} +OrderEaten +10 +unknown_type`));
  });

  it('shows why it cannot be decoded, and what waits behind it', async () => {
    const { said } = await cli('show', dead);
    expect(said).toContain('undecodable: unknown_type');
    expect(said).toContain(`${waiting}  OrderConfirmed`);
  });

  it('rejects a retry of an event behind it', async () => {
    const said = expect.stringContaining(`${own.dead.id} is the first of its queue`);
    expect(await cli('retry', waiting)).toMatchObject({ code: 1, said });
  });

  it('says in a dry run why a retry would fail', async () => {
    const { said } = await cli('retry', '--all', '--order', own.orderId, '--dry-run');
    expect(said).toMatch(new RegExp(`${dead} .*fails +unknown_type`));
  });

  describe('once the type is known', () => {
    beforeAll(async () => makeTypeKnown(system, 'inventory', own.orderId));

    it('names in a dry run the events that a retry would publish, and changes nothing', async () => {
      const { said } = await cli('retry', dead, '--dry-run');
      expect(said).toMatch(new RegExp(`${waiting} .*handled +StockCommitted`));
      expect(await system.client.product(own.sku)).toMatchObject(isReserved);
    });

    it('retries, and the queue is handled', async () => {
      expect(await cli('retry', dead)).toMatchObject({ code: 0, said: expect.stringContaining('Handled') });
      await eventually(async () => expect(await system.client.product(own.sku)).toMatchObject(isCommitted));
      expect((await cli('show', dead)).code).toBe(1);
    });

    it('discards only with a reason, keeps it, and logs every action', async () => {
      const [bad] = await parkedOf(system, 'notifications', own.orderId);
      const notification = `notifications/${bad!.id}`;
      expect(await cli('discard', notification)).toMatchObject({ code: 1, said: expect.stringContaining('--reason') });
      const discarded = await cli('discard', notification, '--reason', 'not ours');
      expect(discarded).toMatchObject({ code: 0, said: expect.stringContaining('Discarded') });
      expect((await cli('show', notification)).said).toContain('discard by bob: not ours');
      const log = await cli('log');
      expect(log.said).toMatch(new RegExp(`${dead} +retry +bob`));
      expect(log.said).toMatch(new RegExp(`${notification} +discard +bob .*not ours`));
      await discardHeads(system, ['orders', 'payments'], own.orderId);
      await expectConfirmedWithOneMail(own.orderId);
    });
  });
});

auditPasses(system);
