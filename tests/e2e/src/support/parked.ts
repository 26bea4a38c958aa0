import { randomUUID } from 'node:crypto';
import { expect } from '@jest/globals';
import { eventually } from '@orderflow/client';
import type { Service } from '@orderflow/contracts';
import { runOps } from './run-ops.js';
import type { TestSystem } from './test-system.js';

/** Returns once inventory and payments have consumed all that comes before the charge of an order. */
export const untilChargeIsDue = async (system: TestSystem, orderId: string): Promise<void> =>
  eventually(async () => expect(await system.count('payments', 'external_calls', `key = 'charge-${orderId}'`)).toBe(1));

/** An order whose confirmation waits at inventory and notifications behind a record without a type. */
export async function orderWithUntypedRecord(system: TestSystem): Promise<{ orderId: string; sku: string }> {
  const { client, eventTap } = system;
  const sku = await client.newProduct({ units: 10 });
  // The order is confirmed once the record is parked, and not before.
  await client.setFaults({ payments: { outage: true } });
  const orderId = await client.place({ lines: [{ sku, quantity: 4 }] });
  await untilChargeIsDue(system, orderId);
  const placed = await eventually(async () => {
    const [first] = await eventTap.eventsOf(orderId);
    expect(first?.event.type).toBe('OrderPlaced');
    return first!;
  });
  // OrderPlaced once more without its type: where it is handled at last, it changes nothing.
  const id = randomUUID();
  const record = await eventTap.toRecord({ ...placed.event, id });
  await eventTap.publish([{ ...record, headers: { ce_id: id } }]);
  const head = { type: null, state: 'retrying' };
  const areParked = async (...records: object[]) => {
    for (const service of ['inventory', 'notifications'] as const)
      await eventually(async () => expect(await client.deadLetters(service, { orderId })).toMatchObject(records));
  };
  await areParked(head);
  await client.setFaults({ payments: {} });
  await areParked(head, { type: 'OrderConfirmed', state: 'waiting' });
  return { orderId, sku };
}

/** Lets the head of the order's queue use up its attempts: its next failure is the last. */
export async function useUpAttempts(system: TestSystem, service: Service, orderId: string): Promise<void> {
  await system.rowsOf(
    service,
    `UPDATE parked SET attempts = 9, next_attempt_at = now() WHERE subject = $1 AND kind <> 'blocked'`,
    [orderId],
  );
  await eventually(async () => {
    const [head] = await system.client.deadLetters(service, { orderId });
    expect(head).toMatchObject({ state: 'dead', attempts: 10 });
  });
}

/** Gives the record its type, so that it can be decoded. */
export async function addType(system: TestSystem, service: Service, orderId: string): Promise<void> {
  const known = `"${Buffer.from('OrderPlaced').toString('base64')}"`;
  await system.rowsOf(
    service,
    `UPDATE parked SET headers = jsonb_set(headers, '{ce_type}', $2::jsonb) WHERE subject = $1 AND reason LIKE 'header_missing%'`,
    [orderId, known],
  );
}

/** Discards the head of the order's queue at these services; the events behind it are then handled. */
export const discardHeads = async ({ client }: TestSystem, services: readonly Service[], orderId: string) =>
  client.discardHeads(services, orderId, 'published by hand', 'ada');

/** Runs `orderflow dead-letters` as an operator would. @returns its output, that on stderr included */
export async function deadLettersCli(system: TestSystem, ...args: string[]): Promise<{ code: number; said: string }> {
  const { urls } = system.client;
  const env = Object.fromEntries(Object.entries(urls).map(([name, url]) => [`${name.toUpperCase()}_URL`, url]));
  const ran = await runOps('dead-letters', [...args, '--url', urls.orders, '--as', 'bob'], env);
  return { code: ran.exitCode, said: ran.output + ran.errors };
}
