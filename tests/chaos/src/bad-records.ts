import { randomUUID } from 'node:crypto';
import { demand, eventually, type TapRecord, copyOf } from '@orderflow/client';
import { services } from '@orderflow/contracts';
import type { RawRecord } from '@orderflow/kafka';
import type { ChaosStack } from './stack.ts';

// More than a service keeps of a record, and less than the topic takes while the fault lasts.
const OVERSIZED_BYTES = 2 * 1024 * 1024;
// Packed it is 16 kB; consumers unpack a batch to 8 MiB.
const BOMB_BYTES = 16 * 1024 * 1024;
export const OVERSIZED_TOPIC = 'payments.events';
/** Orders, its views, and notifications consume that topic; each parks such a record by its place, size and hash. */
const PARKED_AS = ['too_large', 'unreadable_batch'];
const PARKED_BY = 3;
const PARKED_WITHIN_MS = 120_000;

/** Events of another system, under the keys of orders that are in flight. */
export const foreignTypesOf = (recent: readonly RawRecord[]): TapRecord[] =>
  recent.map((record) => {
    const copy = copyOf(record);
    return { ...copy, headers: { ...copy.headers, ce_id: randomUUID(), ce_type: 'ParcelShipped' } };
  });

export const oversizedRecord = (): TapRecord => ({
  topic: OVERSIZED_TOPIC,
  key: null,
  value: Buffer.alloc(OVERSIZED_BYTES),
  headers: {},
});

export const bomb = (): Buffer => Buffer.alloc(BOMB_BYTES);

/**
 * Discards the records that no consumer group holds in memory, as an operator would, until each consumer group has parked each of them.
 * @returns how many were parked
 */
export async function discardOversized({ urls, access }: ChaosStack, published: number): Promise<number> {
  let parked = 0;
  const all = async () => {
    const before = parked;
    for (const service of services)
      for (const reason of PARKED_AS)
        for (const state of ['retrying', 'dead']) {
          const json = { filter: { reason, state }, reason: 'thrown in by the fault rig', limit: 500 };
          const url = `${urls[service]}/dead-letters/discard`;
          const { items } = await demand<{ items: unknown[] }>(url, { json, token: access.tokens.admin });
          parked += items.length;
        }
    // One that was published again after a lost answer is parked as well.
    return parked >= published * PARKED_BY && parked === before;
  };
  // Where some are missing, the report says so.
  await eventually(all, PARKED_WITHIN_MS).catch(() => undefined);
  return parked;
}
