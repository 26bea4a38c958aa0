import { afterEach, describe, expect, it } from '@jest/globals';
import { eventually, request } from '@orderflow/client';
import { deadLettersCli } from './support/parked.js';
import { runOps } from './support/run-ops.js';
import { Scrape } from './support/scrape.js';
import { auditPasses, TestSystem } from './support/test-system.js';

const system = new TestSystem({
  env: { notifications: { MAIL_RETRY_SECONDS: '1800', MAIL_OPERATOR_SECONDS: '1800' } },
});

const callOf = (orderId: string) => `${system.client.urls.notifications}/dead-letters/calls/order-confirmed-${orderId}`;

/** A confirmed order whose mail waits, after the server has answered with this reply. */
async function confirmedDespite(reply: string): Promise<string> {
  const { client } = system;
  const sku = await client.newProduct({ units: 1 });
  await client.setFaults({ mail: { reply } });
  const orderId = await client.place({ lines: [{ sku, quantity: 1 }] });
  await eventually(async () => expect(await request(callOf(orderId))).toMatchObject({ body: { state: 'waiting' } }));
  return orderId;
}

/** What `orderflow dead-letters` prints. */
async function orderflow(...args: string[]): Promise<string> {
  const { code, said } = await deadLettersCli(system, ...args);
  expect({ code, said }).toMatchObject({ code: 0 });
  return said;
}

const deferredOrders = async () =>
  (await Scrape.of(system.client, 'notifications')).sum('orderflow_external_calls_deferred_orders', { kind: 'mail' });

afterEach(async () => system.client.setFaults({ mail: {} }));

describe('a mail that the server of its recipient defers', () => {
  it('leaves its order unsettled, but not stuck, until an operator gives it up', async () => {
    const { client } = system;
    const orderId = await confirmedDespite('451 4.7.1 greylisted');
    const { body } = await request(callOf(orderId));
    expect(body).toMatchObject({ waitsFor: 'other-side', choices: ['give-up'], deferredSince: expect.any(String) });
    const inMs = Date.parse((body as { nextAttemptAt: string }).nextAttemptAt) - Date.now();
    expect(inMs).toBeGreaterThan(25 * 60_000);

    await eventually(async () =>
      expect(await client.order(orderId)).toMatchObject({ status: 'confirmed', stock: 'committed', settled: false }),
    );
    expect(await deferredOrders()).toBe(1);
    // With no order too young to be settled.
    expect(await system.audit()).toEqual({ violations: [], parked: [] });
    expect(JSON.parse((await runOps('audit', ['--json'], system.auditEnv)).output)).toMatchObject({
      deferredCount: 1,
      deferredCalls: [{ key: `order-confirmed-${orderId}`, since: (body as { deferredSince: string }).deferredSince }],
    });

    expect(await orderflow('list', '--calls', '--state', 'waiting')).toContain('give-up');
    const call = `notifications/order-confirmed-${orderId}`;
    await orderflow('settle', call, 'give-up', '--reason', 'told by phone');
    await client.settled(orderId);
    expect(await client.notifications(orderId)).toMatchObject([
      { status: 'failed', reason: 'given up by an operator: told by phone' },
    ]);
    expect(await client.mails(orderId)).toEqual([]);
    expect(await deferredOrders()).toBe(0);
    expect(await orderflow('show', call)).toContain('give-up by bob: told by phone');
  });
});

describe('a mail that waits for an operator', () => {
  it('is sent at once when the operator lets it be made again', async () => {
    const { client } = system;
    const orderId = await confirmedDespite('554 5.7.1 client is on a blocklist');
    expect(await request(callOf(orderId))).toMatchObject({ body: { waitsFor: 'operator', deferredSince: null } });
    expect(await deferredOrders()).toBe(0);
    await client.setFaults({ mail: {} });
    await orderflow('retry', `notifications/order-confirmed-${orderId}`);
    await client.settled(orderId);
    expect(await client.mailsOf(orderId)).toEqual(['order-confirmed x1']);
  });
});

auditPasses(system);
