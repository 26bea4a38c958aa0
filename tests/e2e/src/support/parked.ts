import { randomUUID } from 'node:crypto';
import { expect } from '@jest/globals';
import { eventually } from '@orderflow/client';
import type { Service } from '@orderflow/contracts';
import { runOps } from './run-ops.js';
import type { TestSystem } from './test-system.js';

/** An order whose confirmation waits at inventory and notifications behind a record without a type. */
export async function orderWithUntypedRecord(system: TestSystem): Promise<{ orderId: string; sku: string }> {
  const { client, eventTap } = system;
  const sku = await client.newProduct({ units: 10 });
  const orderId = await client.place({ lines: [{ sku, quantity: 4 }], paymentToken: 'tok_slow' });
  await client.chargeOf(orderId);
  // OrderPlaced once more without its type: where it is handled at last, it changes nothing.
  const placed = (await eventTap.eventsOf(orderId)).find(({ event }) => event.type === 'OrderPlaced')!;
  const id = randomUUID();
  const record = await eventTap.toRecord({ ...placed.event, id });
  await eventTap.publish([{ ...record, headers: { ce_id: id } }]);
  for (const service of ['inventory', 'notifications'] as const)
    await eventually(async () =>
      expect(await system.client.deadLetters(service, { orderId })).toMatchObject([
        { type: null, state: 'retrying' },
        { type: 'OrderConfirmed', state: 'waiting' },
      ]),
    );
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
