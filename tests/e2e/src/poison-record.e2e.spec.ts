import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { Event } from '@orderflow/contracts';
import { eventually } from './support/eventually.js';
import { every } from './support/http.js';
import { deadLetters, discard, discardHeads, type Letter } from './support/letters.js';
import { passBy } from './support/markers.js';
import type { Sendable } from './support/tap.js';
import { World } from './support/world.js';

let world: World;

beforeAll(async () => {
  world = await World.open({ env: { sandbox: { SLOW_SECONDS: '2' } } });
});
afterAll(async () => world?.close());

/** Why a record is parked in which nothing is wrong. */
const BEHIND = /^blocked by/;

const DATABASES = ['orders', 'inventory', 'payments', 'notifications'] as const;

interface ParkedRow {
  readonly id: string;
  readonly consumer: string;
  readonly type: string | null;
  readonly offset: string;
  readonly topic: string;
  readonly reason: string;
}

const parkedAt = async (service: (typeof DATABASES)[number], orderId: string): Promise<ParkedRow[]> =>
  world.rowsOf<ParkedRow>(
    service,
    `SELECT id::text, consumer, convert_from(decode(headers ->> 'ce_type', 'base64'), 'UTF8') AS type,
            "offset"::text, topic, reason
     FROM parked WHERE subject = $1 AND consumer NOT LIKE '%.views' ORDER BY parked.id`,
    [orderId],
  );

/** A well-formed record about an order, to be spoiled. */
async function wellFormed(orderId: string): Promise<Sendable> {
  const event: Event = {
    type: 'OrderConfirmed',
    data: { email: 'somebody@example.com', totalMinor: 1, currency: 'EUR' },
    id: randomUUID(),
    source: 'orders',
    subject: orderId,
    time: new Date().toISOString(),
    correlationId: randomUUID(),
    causationId: randomUUID(),
    sequence: 2,
    schemaVersion: '1.0.0',
  };
  return world.tap.encoded(event);
}

const unknownSchemaId = Buffer.concat([Buffer.from([0, 0x7f, 0xff, 0xff, 0xf0]), Buffer.alloc(40, 7)]);

const withHeaders = (record: Sendable, headers: Record<string, string>): Sendable => ({
  ...record,
  headers: { ...record.headers, ...headers },
});

const poisons: readonly (readonly [what: string, spoil: (record: Sendable) => Sendable])[] = [
  ['bytes that are not Avro', (record) => ({ ...record, value: Buffer.from('not { Avro') })],
  ['a frame around bytes that are not Avro', (record) => ({ ...record, value: cutShort(record) })],
  ['a schema id that nobody knows', (record) => ({ ...record, value: unknownSchemaId })],
  ['no type in its headers', (record) => ({ ...record, headers: { ce_id: record.headers['ce_id']! } })],
  ['a type in its headers that is not the record’s', (record) => withHeaders(record, { ce_type: 'OrderCancelled' })],
  ['a type that does not exist', (record) => withHeaders(record, { ce_type: 'OrderEaten' })],
  ['no value', (record) => ({ ...record, value: null })],
];

/** The frame and the first few bytes: the schema is known, the rest is missing. */
const cutShort = ({ value }: Sendable): Buffer => value!.subarray(0, 12);

describe('a record that cannot be read', () => {
  it.each(poisons)(
    'with %s is parked with its order’s later events behind it, while all other orders go on',
    async (_what, spoil) => {
      const { shop, tap } = world;
      const sku = await shop.sells({ units: 10 });
      const orderId = await shop.place({ lines: [{ sku, quantity: 4 }], token: 'tok_slow' });
      // Inventory and payments know the order; the answer of the provider is still out.
      await eventually(async () => expect(await shop.charges(orderId)).toHaveLength(1));
      await tap.send([spoil(await wellFormed(orderId))]);

      await eventually(async () => {
        const rows = await parkedAt('inventory', orderId);
        expect(rows).toMatchObject([
          { reason: expect.not.stringMatching(BEHIND) },
          { type: 'OrderConfirmed', reason: expect.stringMatching(BEHIND) },
        ]);
      });
      expect(await shop.product(sku)).toMatchObject({ onHand: 10, reserved: 4, committed: 0 });
      expect(await shop.mails(orderId)).toEqual([]);
      await passBy(world, [tap.partitionOf(orderId)]);
      const rows = await parkedAt('inventory', orderId);
      expect(rows).toHaveLength(2);

      await discardHeads(world, DATABASES, orderId);
      expect(await shop.settled(orderId)).toMatchObject({ status: 'confirmed', stock: 'committed' });
      expect(await shop.mails(orderId)).toMatchObject([{ template: 'order-confirmed', copies: 1 }]);
      expect(await parkedAt('inventory', orderId)).toEqual([]);
    },
  );
});

describe('a record that belongs to nobody', () => {
  it('without key, value and headers is parked alone, and every partition goes on', async () => {
    const nothing = { key: null, value: null, headers: {} } as unknown as Sendable;
    const topics = [world.tap.topicOf('orders'), world.tap.topicOf('payments')];
    await world.tap.send(topics.map((topic) => ({ ...nothing, topic })));
    await eventually(async () => expect(await parkedAt('inventory', '')).toHaveLength(1));
    await eventually(async () => expect(await parkedAt('orders', '')).toHaveLength(1));
    await passBy(world, [0, 1, 2, 3, 4, 5]);

    expect(await parkedAt('notifications', '')).toHaveLength(2);
    for (const service of DATABASES) {
      const letters = await every<Letter>(deadLetters(world, service));
      await discard(
        world,
        service,
        letters.filter(({ orderId }) => orderId === ''),
      );
    }
  });
});

it('leaves books that add up', async () => {
  expect(await world.audit()).toEqual({ violations: [], parked: [] });
});
