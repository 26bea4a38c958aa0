import { afterAll, describe, expect, it } from '@jest/globals';
import { inParallel, type ServiceName } from '@orderflow/client';
import { databaseUrlOf, dropDatabase } from '@orderflow/local';
import { copyDatabase, restoreDatabase } from '../../../libs/local/test/database-copies.js';
import { operate } from './support/operator.js';
import { fresh } from './support/test-client.js';
import { auditPasses, TestSystem } from './support/test-system.js';

const ORDERS = 200;
const AT_ONCE = 16;
const AMONG = ['tok_visa', 'tok_visa', 'tok_visa', 'tok_declined'] as const;

const system = new TestSystem({ env: { orders: { ORDER_DEADLINE_SECONDS: '20' } } });

const nameOf = (service: ServiceName) => system.prefixes.databases + service;
const backupOf = (service: ServiceName) => `${nameOf(service)}_backup`;

const recover = (service: ServiceName, ...args: string[]) => operate(system, 'recover', service, ...args);

/** Places orders, and returns them once all are settled. */
async function placeAndSettle(sku: string): Promise<string[]> {
  const { client } = system;
  const customerId = fresh('customer');
  await inParallel(ORDERS, AT_ONCE, async (i) => {
    const paymentToken = AMONG[i % AMONG.length]!;
    await client.placeUntilAccepted({ customerId, lines: [{ sku, quantity: 1 }], paymentToken });
  });
  const settled = await client.allSettled(customerId, ORDERS, 120_000);
  return settled.map(({ orderId, status, stock, payment }) => `${orderId} ${status} ${stock} ${payment}`).toSorted();
}

const witnesses = async () => ({
  charges: await system.count('sandbox', 'charges'),
  mails: await system.count('sandbox', 'mails'),
});

afterAll(async () => {
  for (const service of ['orders', 'payments'] as const)
    await dropDatabase(databaseUrlOf(system.infrastructure.databaseUrl, backupOf(service)));
});

describe.each(['orders', 'payments'] as const)('the database of %s, restored to a point 200 orders ago', (service) => {
  it('is refused at the start, recovered from its own topic, and loses or doubles no order', async () => {
    const { client, infrastructure } = system;
    const { databaseUrl } = infrastructure;
    const sku = await client.newProduct({ units: 10 * ORDERS });
    const early = await client.placeSeveral(20, { lines: [{ sku, quantity: 1 }] });
    await copyDatabase(databaseUrl, nameOf(service), backupOf(service));
    // The rule `prices` of the audit: a restored price list must not fall back.
    await client.putProduct({ sku, name: sku, priceMinor: 1_999, currency: 'EUR' });
    const after = await placeAndSettle(sku);
    for (const orderId of early) await client.settled(orderId, 60_000);
    const before = await witnesses();
    await system.kill(service);
    await restoreDatabase(databaseUrl, nameOf(service), backupOf(service));

    await expect(system.start(service)).rejects.toThrow(`orderflow recover ${service}`);
    const planned = await recover(service);
    expect(planned).toMatchObject({ exitCode: 0, output: expect.stringContaining('Nothing was changed') });
    const recovered = await recover(service, '--yes');
    expect(recovered).toMatchObject({ exitCode: 0, output: expect.stringContaining('Done') });
    await system.start(service);

    expect(await recover(service)).toMatchObject({ output: expect.stringContaining('holds every event') });
    const audited = await system.audit(60_000);
    expect(audited).toEqual({ violations: [], parked: [] });
    const again = await Promise.all(after.map(async (line) => client.settled(line.split(' ')[0]!)));
    expect(
      again.map(({ orderId, status, stock, payment }) => `${orderId} ${status} ${stock} ${payment}`).toSorted(),
    ).toEqual(after);
    expect(await witnesses()).toEqual(before);
  }, 400_000);
});

auditPasses(system);
