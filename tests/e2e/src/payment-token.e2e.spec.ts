import { beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@orderflow/client';
import { FieldEncrypter, newKeyPair } from '@orderflow/encryption';
import { randomUUID } from 'node:crypto';
import { deadLettersCli, orderWithUntypedRecord, useUpAttempts } from './support/parked.js';
import { eventsOfOrder, eventsOnceComplete } from './support/published-events.js';
import { placesOf } from './support/stored-bytes.js';
import { fresh } from './support/test-client.js';
import { TestSystem } from './support/test-system.js';

const system = new TestSystem({ env: { all: { LOG_LEVEL: 'debug' }, sandbox: { SLOW_SECONDS: '4' } } });
const customerId = fresh('customer');

let sku: string;
let confirmed: string;

beforeAll(async () => {
  const { client } = system;
  sku = await client.newProduct({ units: 10 });
  confirmed = await client.place({ customerId, lines: [{ sku, quantity: 1 }] });
  await client.settled(confirmed);
  await client.oneOfEachOutcome(sku);
});

/** OrderPlaced for an order of its own, with the token encrypted for a key that payments does not hold. */
async function orderOfForeignKey(): Promise<{ orderId: string; kid: string }> {
  const { eventTap } = system;
  const { publicKey } = await newKeyPair();
  const orderId = randomUUID();
  const published = await eventsOnceComplete(eventTap, confirmed, eventsOfOrder.confirmed);
  const placed = published.find(({ event }) => event.type === 'OrderPlaced')!.event;
  const paymentToken = new FieldEncrypter(publicKey).encrypt('tok_visa', orderId);
  const data = { ...placed.data, paymentToken };
  await eventTap.publish([await eventTap.toRecord({ ...placed, id: randomUUID(), subject: orderId, data } as never)]);
  return { orderId, kid: publicKey.kid };
}

describe('the payment token', () => {
  it('reaches the payment provider as the customer sent it', async () => {
    const sql = 'SELECT token FROM charges WHERE order_id = $1';
    expect(await system.rowsOf('sandbox', sql, [confirmed])).toEqual([{ token: 'tok_visa' }]);
  });

  it('is deleted at payments, also in its encrypted form, once the charge is decided', async () => {
    expect(await system.count('payments', 'payments', 'token IS NOT NULL')).toBe(0);
    expect(await system.count('payments', 'external_calls')).toBe(0);
  });

  it('that no key of payments can decrypt makes its event a dead letter, whose reason names the key', async () => {
    const { client } = system;
    const { orderId, kid } = await orderOfForeignKey();
    await eventually(async () =>
      expect((await client.deadLetters('payments', { orderId }))[0]).toMatchObject({
        type: 'OrderPlaced',
        reason: expect.stringContaining(`no private key "${kid}" is held`),
      }),
    );
    await useUpAttempts(system, 'payments', orderId);
    await client.discardHeads(['payments'], orderId, 'of a key that was never in use', 'ada');
  });

  it('is masked where an operator looks at its event, and the audit does not print it', async () => {
    const { orderId } = await orderWithUntypedRecord(system);
    await useUpAttempts(system, 'inventory', orderId);
    const [head] = await system.client.deadLetters('inventory', { orderId });
    const { said } = await deadLettersCli(system, 'show', `inventory/${head!.id}`);
    expect(said).toContain(head!.reason);
    expect(said).not.toMatch(/tok_|eyJ/);
    const { violations, parked } = await system.audit(0);
    expect([...violations, ...parked].join()).not.toMatch(/tok_|eyJ/);
  });

  it.each(['tok_visa', 'tok_declined', 'tok_slow'])(
    'is in clear in no topic, database or log of ours: %s',
    async (token) => {
      expect(await placesOf(system, token)).toEqual([]);
    },
  );

  it('would be found there: the search finds what is stored', async () => {
    const sql = 'SELECT charge_id AS id FROM payments WHERE order_id = $1';
    const [charge] = await system.rowsOf<{ id: string }>('payments', sql, [confirmed]);
    expect(await placesOf(system, customerId)).toEqual(
      expect.arrayContaining(['topic orders.events', 'database orders order_events']),
    );
    expect(await placesOf(system, charge!.id)).toEqual(
      expect.arrayContaining(['topic payments.events', 'database payments payments']),
    );
    expect(await placesOf(system, sku)).toContain('database inventory stock');
  });
});
