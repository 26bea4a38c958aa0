import { describe, expect, it } from '@jest/globals';
import { BrokenRule, type Effect } from '@orderflow/decider';
import { type Event, eventsOf, type EventType, consumedBy } from '@orderflow/contracts';
import fc from 'fast-check';
import { InventoryWorkingSet } from './domain/inventory-working-set.js';
import { decide } from './domain/decide.js';
import { evolve } from './domain/evolve.js';
import type { InventoryCommand, Line, Stock } from './domain/inventory.js';
import { effects, reactions } from './saga.js';

type Published = Extract<Effect, { publish: unknown }>;

/** An inventory in memory that many orders share. */
class World {
  readonly said: Published[] = [];
  readonly inventories = new InventoryWorkingSet({ reservations: [], stock: [], deliveries: [] });

  handle(command: InventoryCommand): void {
    let state = this.inventories.get(command);
    try {
      for (const event of decide(command, state)) {
        state = evolve(state, event);
        this.said.push(...effects(event, state).filter((effect) => 'publish' in effect));
      }
    } catch (error) {
      if (error instanceof BrokenRule) return;
      throw error;
    }
    this.inventories.set(command, state);
  }

  get stock(): readonly Stock[] {
    return this.inventories.changedStock();
  }
}

const SKUS = ['TEA', 'POT', 'CUP'];
const sku = fc.constantFrom(...SKUS);
const orderId = fc.constantFrom('order-1', 'order-2', 'order-3', 'order-4');
// Few and small, so that the commands meet.
const line = fc.record({ sku, quantity: fc.integer({ min: -1, max: 6 }) });
const delivery = fc.record({
  deliveryId: fc.constantFrom('d-1', 'd-2', 'd-3', 'd-4', 'd-5'),
  sku,
  quantity: fc.integer({ min: 1, max: 12 }),
});

const command: fc.Arbitrary<InventoryCommand> = fc.oneof(
  fc.record({ type: fc.constant('ReserveStock' as const), orderId, lines: fc.array(line, { maxLength: 4 }) }),
  fc.record({ type: fc.constant('CommitStock' as const), orderId }),
  fc.record({ type: fc.constant('ReleaseStock' as const), orderId }),
  delivery.map((booked) => ({ type: 'ReceiveDelivery' as const, ...booked })),
  fc.record({
    type: fc.constant('DefineProduct' as const),
    sku,
    name: fc.constantFrom('one', 'another'),
    priceMinor: fc.integer({ min: 1, max: 2 }),
    currency: fc.constant('EUR'),
  }),
);

const defined = SKUS.map((each): InventoryCommand => ({
  type: 'DefineProduct',
  sku: each,
  name: each,
  priceMinor: 1,
  currency: 'EUR',
}));

const worldAfter = (commands: readonly InventoryCommand[]): World => {
  const world = new World();
  for (const each of [...defined, ...commands]) world.handle(each);
  return world;
};

const whatever = (holds: (world: World) => void): void =>
  fc.assert(
    fc.property(fc.array(command, { maxLength: 40 }), (commands) => holds(worldAfter(commands))),
    { numRuns: 2_000 },
  );

/** What was said about each order, or about each product. */
const storiesOf = ({ said }: World, about: 'orders' | 'products'): Published[][] =>
  [...new Set(said.map(({ subject }) => subject))]
    .filter((subject) => SKUS.includes(subject) === (about === 'products'))
    .map((subject) => said.filter((each) => each.subject === subject));

const totalOf = (lines: readonly Line[], of: string): number =>
  lines.reduce((sum, each) => sum + (each.sku === of ? each.quantity : 0), 0);

describe('whatever is heard, in whatever order and however often', () => {
  it('never promises more than there is', () => {
    whatever(({ stock }) => {
      for (const { reserved, onHand } of stock) {
        expect(reserved).toBeGreaterThanOrEqual(0);
        expect(reserved).toBeLessThanOrEqual(onHand);
      }
    });
  });

  it('loses and invents nothing: what was delivered is on hand or has left', () => {
    whatever(({ stock, inventories }) => {
      for (const product of stock)
        expect(product.onHand + product.committed).toBe(totalOf(inventories.newDeliveries(), product.sku));
    });
  });

  it('has set aside just what the open orders wait for', () => {
    whatever(({ stock, inventories }) => {
      const open = inventories
        .changedReservations()
        .flatMap((each) => (each.status === 'reserved' ? [...each.lines] : []));
      for (const product of stock) expect(product.reserved).toBe(totalOf(open, product.sku));
    });
  });

  it('answers an order at most once, and undoes or commits at most once what it set aside', () => {
    whatever((world) => {
      for (const story of storiesOf(world, 'orders'))
        expect(story.map(({ publish }) => publish.type).join()).toMatch(
          /^(StockRejected|StockReserved(,StockReleased|,StockCommitted)?)$/,
        );
    });
  });

  it('says only what is its own, numbered without a gap for each order and product', () => {
    whatever((world) => {
      for (const { publish } of world.said) expect(eventsOf('inventory')).toContain(publish.type);
      for (const story of [...storiesOf(world, 'orders'), ...storiesOf(world, 'products')])
        expect(story.map(({ sequence }) => sequence)).toEqual(story.map((_, index) => index + 1));
    });
  });
});

describe('reactions', () => {
  const heard = <Type extends EventType>(type: Type, data: object) =>
    ({ type, data, subject: 'order-1' }) as unknown as Event<Type>;

  it('are there for each event that the saga says inventory hears', () => {
    expect(Object.keys(reactions).toSorted()).toEqual(consumedBy('inventory').toSorted());
  });

  it('reserve, commit and release; prices are none of their business', () => {
    const placed = heard('OrderPlaced', { lines: [{ sku: 'TEA', quantity: 2, unitPriceMinor: 450 }] });
    const lines = [{ sku: 'TEA', quantity: 2 }];
    expect(reactions.OrderPlaced(placed)).toEqual({ type: 'ReserveStock', orderId: 'order-1', lines });
    const confirmed = heard('OrderConfirmed', {});
    expect(reactions.OrderConfirmed(confirmed)).toEqual({ type: 'CommitStock', orderId: 'order-1' });
    const cancelled = heard('OrderCancelled', {});
    expect(reactions.OrderCancelled(cancelled)).toEqual({ type: 'ReleaseStock', orderId: 'order-1' });
  });
});
