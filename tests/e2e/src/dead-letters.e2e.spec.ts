import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { eventually } from './support/eventually.js';
import { call, demand } from './support/http.js';
import { atTheTerminal, deadLetters, discardHeads, learn, lettersOf, poisonedOrder, useUp } from './support/letters.js';
import { World } from './support/world.js';

let world: World;

beforeAll(async () => {
  world = await World.open({ env: { sandbox: { SLOW_SECONDS: '2' } } });
});
afterAll(async () => world?.close());

const isCommitted = { onHand: 6, reserved: 0, committed: 4 };
const isReserved = { onHand: 10, reserved: 4, committed: 0 };

it('a poisoned order is looked at, tried out, mended, retried and discarded over HTTP, and its events follow in order', async () => {
  const { shop } = world;
  const { orderId, sku, poison } = await poisonedOrder(world);
  const dead = await useUp(world, 'inventory', orderId);
  const of = (path: string) => deadLetters(world, 'inventory', path);

  const [, confirmed] = await lettersOf(world, 'inventory', orderId);
  expect(await demand(of(`/${dead.id}`))).toMatchObject({
    headers: { ce_type: 'OrderEaten' },
    value: poison.value!.toString('base64'),
    event: null,
    unreadable: expect.stringContaining('unknown_type'),
    failures: expect.arrayContaining([{ at: expect.any(String), reason: expect.stringContaining('unknown_type') }]),
    behind: { count: 1, items: [{ id: confirmed!.id, type: 'OrderConfirmed' }] },
  });
  expect(await demand(of(`/${confirmed!.id}`))).toMatchObject({
    event: { specversion: '1.0', type: 'OrderConfirmed', subject: orderId, data: { totalMinor: 6_000 } },
    waitsFor: dead.id,
  });
  expect(await call(of(`/${confirmed!.id}/retry`), { method: 'POST' })).toMatchObject({
    status: 409,
    body: { head: dead.id },
  });
  const dryRun = async () => demand(of('/retry'), { json: { filter: { orderId }, dryRun: true } });
  expect(await dryRun()).toMatchObject({
    items: [{ id: dead.id, outcome: 'fails', reason: expect.stringContaining('unknown_type'), behind: [] }],
  });

  await learn(world, 'inventory', orderId);
  expect(await dryRun()).toMatchObject({
    items: [
      {
        id: dead.id,
        outcome: 'handled',
        says: [],
        behind: [{ id: confirmed!.id, outcome: 'handled', says: ['StockCommitted'] }],
      },
    ],
  });
  expect(await shop.product(sku)).toMatchObject(isReserved);
  expect(await lettersOf(world, 'inventory', orderId)).toMatchObject([{ state: 'dead' }, { state: 'waiting' }]);

  const retried = await call(of(`/${dead.id}/retry`), { method: 'POST', headers: { 'x-operator': 'ada' } });
  expect(retried).toMatchObject({ status: 202, body: { state: 'retrying' } });
  await eventually(async () => expect(await lettersOf(world, 'inventory', orderId)).toEqual([]));
  expect(await shop.product(sku)).toMatchObject(isCommitted);

  expect(await shop.mails(orderId)).toEqual([]);
  await discardHeads(world, ['orders', 'payments', 'notifications'], orderId);
  expect(await shop.settled(orderId)).toMatchObject({ status: 'confirmed', stock: 'committed' });
  expect(await shop.mails(orderId)).toMatchObject([{ template: 'order-confirmed', copies: 1 }]);
  expect(await demand(of('/actions'))).toMatchObject({
    items: [{ letterId: dead.id, action: 'retry', operator: 'ada' }],
  });
});

it('the same is done at a terminal', async () => {
  const { shop } = world;
  const { orderId, sku } = await poisonedOrder(world);
  const { id } = await useUp(world, 'inventory', orderId);
  const letter = `inventory/${id}`;
  const [, waiting] = await lettersOf(world, 'inventory', orderId);

  const listed = await atTheTerminal(world, 'list', '--order', orderId, '--state', 'dead');
  expect(listed.code).toBe(0);
  expect(listed.said).toMatch(new RegExp(`${letter} +dead .*${orderId} +OrderEaten +10 +unknown_type`));
  const shown = await atTheTerminal(world, 'show', letter);
  expect(shown.said).toContain('undecodable: unknown_type');
  expect(shown.said).toContain(`inventory/${waiting!.id}  OrderConfirmed`);
  expect(await atTheTerminal(world, 'retry', `inventory/${waiting!.id}`)).toMatchObject({
    code: 1,
    said: expect.stringContaining(`waits behind ${id}`),
  });
  const tried = await atTheTerminal(world, 'retry', '--all', '--order', orderId, '--dry-run');
  expect(tried.said).toMatch(new RegExp(`${letter} .*fails +unknown_type`));

  await learn(world, 'inventory', orderId);
  const better = await atTheTerminal(world, 'retry', letter, '--dry-run');
  expect(better.said).toMatch(new RegExp(`inventory/${waiting!.id} .*handled +StockCommitted`));
  expect(await shop.product(sku)).toMatchObject(isReserved);
  expect(await atTheTerminal(world, 'retry', letter)).toEqual({
    code: 0,
    said: 'Handled. The events behind it follow.\n',
  });
  await eventually(async () => expect(await shop.product(sku)).toMatchObject(isCommitted));

  const [bad] = await lettersOf(world, 'notifications', orderId);
  const notification = `notifications/${bad!.id}`;
  expect(await atTheTerminal(world, 'discard', notification)).toMatchObject({
    code: 1,
    said: expect.stringContaining('--reason is missing'),
  });
  const discarded = await atTheTerminal(world, 'discard', notification, '--reason', 'not ours');
  expect(discarded).toMatchObject({ code: 0, said: expect.stringContaining('Discarded') });
  expect((await atTheTerminal(world, 'show', notification)).said).toContain('discard by bob: not ours');
  await discardHeads(world, ['orders', 'payments'], orderId);
  expect(await shop.settled(orderId)).toMatchObject({ status: 'confirmed', stock: 'committed' });
  expect(await shop.mails(orderId)).toMatchObject([{ template: 'order-confirmed', copies: 1 }]);
  const log = await atTheTerminal(world, 'log');
  expect(log.said).toMatch(new RegExp(`${letter} +retry +bob`));
  expect(log.said).toMatch(new RegExp(`${notification} +discard +bob .*not ours`));
  expect((await atTheTerminal(world, 'show', letter)).code).toBe(1);
});

it('leaves books that add up', async () => {
  expect(await world.audit()).toEqual({ violations: [], parked: [] });
});
