import { isDeepStrictEqual } from 'node:util';
import { eventually, type SystemClient } from '@orderflow/client';
import { randomOrder } from '../load-orders.ts';
import type { MailTimes } from './mail-times.ts';

// The services that consume OrderConfirmed.
const HOLDERS = ['inventory', 'notifications', 'orders'] as const;
const TIMEOUT_MS = 60_000;

const ALL_EVENTS = {
  orders: ['OrderPlaced', 'OrderConfirmed'],
  inventory: ['StockReserved', 'StockCommitted'],
  payments: ['PaymentCaptured'],
  notifications: ['NotificationSent'],
};

/**
 * Parks the confirmation of a new order behind an undecodable record, at every service that consumes it.
 * @returns `release`, which discards the record and returns how long the order was parked, ms
 * @throws Error when the order was not parked until then, or does not end confirmed and with its events in order
 */
export async function parkOrder(client: SystemClient, times: MailTimes): Promise<{ release: () => Promise<number> }> {
  const orderId = await client.place({ ...randomOrder('parked-cost-parked', false), paymentToken: 'tok_slow' });
  const demandParked = async () => {
    const parked = HOLDERS.map(async (service) => (await client.deadLetters(service, { orderId })).length);
    const counts = await Promise.all(parked);
    if (Math.min(...counts) < 2) throw new Error(`order ${orderId} is not parked everywhere: ${counts.join()}`);
  };
  await client.chargeOf(orderId);
  await times.publishUndecodable(orderId);
  const since = performance.now();
  await eventually(demandParked, TIMEOUT_MS);
  const release = async () => {
    await demandParked();
    const parkedMs = performance.now() - since;
    await client.discardHeads(HOLDERS, orderId, 'published by the measurement', 'parked-cost');
    await client.orderWhen(orderId, ({ status, settled }) => settled && status === 'confirmed', TIMEOUT_MS);
    const types = times.typesOf(orderId);
    if (!isDeepStrictEqual(types, ALL_EVENTS))
      throw new Error(`order ${orderId} did not end in order: ${JSON.stringify(types)}`);
    return parkedMs;
  };
  return { release };
}
