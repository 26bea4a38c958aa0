import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { eventually } from './eventually.js';
import { demand, every } from './http.js';
import type { Sendable } from './tap.js';
import type { World } from './world.js';

const repository = join(import.meta.dirname, '..', '..', '..', '..');

export type Holder = 'orders' | 'inventory' | 'payments' | 'notifications';

export interface Letter {
  readonly id: string;
  readonly state: string;
  readonly type: string | null;
  readonly consumer: string;
  readonly orderId: string;
  readonly reason: string;
  readonly attempts: number;
}

/** A type that nobody knows yet: a new version of the service will. */
const UNKNOWN = 'OrderEaten';

export const deadLetters = (world: World, service: Holder, path = ''): string =>
  `${world.shop.urls[service]}/dead-letters${path}`;

/** What a service has parked of an order, in order. */
export const lettersOf = async (world: World, service: Holder, orderId: string): Promise<Letter[]> =>
  every<Letter>(deadLetters(world, service, `?orderId=${orderId}`));

/** An order whose confirmation waits at inventory and notifications behind a record that nobody can read. */
export async function poisonedOrder(world: World): Promise<{ orderId: string; sku: string; poison: Sendable }> {
  const { shop, tap } = world;
  const sku = await shop.sells({ units: 10 });
  const orderId = await shop.place({ lines: [{ sku, quantity: 4 }], token: 'tok_slow' });
  await shop.chargeOf(orderId);
  // Placed once more, in other words: where it is handled at last, it changes nothing.
  const placed = (await tap.eventsOf(orderId)).find(({ event }) => event.type === 'OrderPlaced')!;
  const poison = await tap.encoded({ ...placed.event, id: randomUUID() }, { ce_type: UNKNOWN });
  await tap.send([poison]);
  for (const service of ['inventory', 'notifications'] as const)
    await eventually(async () =>
      expect(await lettersOf(world, service, orderId)).toMatchObject([
        { type: UNKNOWN, state: 'retrying' },
        { type: 'OrderConfirmed', state: 'waiting' },
      ]),
    );
  return { orderId, sku, poison };
}

/** Lets the attempts of what is first in a queue be used up: its next failure is the last. */
export async function useUp(world: World, service: Holder, orderId: string): Promise<Letter> {
  await world.rowsOf(
    service,
    `UPDATE parked SET attempts = 9, next_attempt_at = now() WHERE subject = $1 AND reason LIKE 'unknown_type%'`,
    [orderId],
  );
  return eventually(async () => {
    const [head] = await lettersOf(world, service, orderId);
    expect(head).toMatchObject({ state: 'dead', attempts: 10 });
    return head!;
  });
}

/** From now on the type is known: as if a version of the service were deployed that reads it. */
export async function learn(world: World, service: Holder, orderId: string): Promise<void> {
  const known = `"${Buffer.from('OrderPlaced').toString('base64')}"`;
  await world.rowsOf(
    service,
    `UPDATE parked SET headers = jsonb_set(headers, '{ce_type}', $2::jsonb) WHERE subject = $1 AND reason LIKE 'unknown_type%'`,
    [orderId, known],
  );
}

/** What an order waits for goes, at these services; what waits behind it stays. */
export async function discardHeads(world: World, services: readonly Holder[], orderId: string): Promise<void> {
  for (const service of services) {
    const letters = await lettersOf(world, service, orderId);
    await discard(
      world,
      service,
      letters.filter(({ state }) => state !== 'waiting'),
    );
  }
}

export async function discard(world: World, service: Holder, letters: readonly Letter[]): Promise<void> {
  const what = { json: { reason: 'made by hand' }, headers: { 'x-operator': 'ada' } };
  for (const { id } of letters) await demand(deadLetters(world, service, `/${id}/discard`), what);
}

/** Runs `orderflow dead-letters` as an operator would. */
export async function atTheTerminal(world: World, ...args: string[]): Promise<{ code: number; said: string }> {
  const named = Object.entries(world.shop.urls).map(([name, url]) => [`${name.toUpperCase()}_URL`, url]);
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [join('ops', 'src', 'orderflow.ts'), 'dead-letters', ...args, '--url', world.shop.urls.orders, '--as', 'bob'],
      { cwd: repository, env: { ...process.env, ...(Object.fromEntries(named) as Record<string, string>) } },
      (error, stdout, stderr) => resolve({ code: error === null ? 0 : Number(error.code), said: stdout + stderr }),
    );
  });
}
