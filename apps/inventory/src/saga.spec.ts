import { describe, expect, it } from '@jest/globals';
import { BrokenRule, type Effect } from '@orderflow/decider';
import { eventsOf } from '@orderflow/contracts';
import { anEvent } from '@orderflow/testing';
import fc from 'fast-check';
import { InventoryWorkingSet } from './domain/inventory-working-set.js';
import { decide } from './domain/decide.js';
import { evolve } from './domain/evolve.js';
import type { InventoryCommand, Line, Stock } from './domain/inventory.js';
import { takeBack } from './recovery.js';
import { effects, reactions } from './saga.js';

type Published = Extract<Effect, { publish: unknown }>;

/** An inventory in memory that several orders share. */
class Warehouse {
  readonly published: Published[] = [];
  readonly workingSet = new InventoryWorkingSet({ reservations: [], stock: [], deliveries: [] });

  handle(command: InventoryCommand): void {
    let state = this.workingSet.get(command);
    try {
      for (const event of decide(command, state)) {
        state = evolve(state, event);
        this.published.push(...effects(event, state).filter((effect) => 'publish' in effect));
      }
    } catch (error) {
      if (error instanceof BrokenRule) return;
      throw error;
    }
    this.workingSet.set(command, state);
  }

  get stock(): readonly Stock[] {
    return this.workingSet.changedStock();
  }
}

const SKUS = ['TEA', 'POT', 'CUP'];
const sku = fc.constantFrom(...SKUS);
const orderId = fc.constantFrom('order-1', 'order-2', 'order-3', 'order-4');
// Few and small, so that the commands interact.
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

const warehouseAfter = (commands: readonly InventoryCommand[]): Warehouse => {
  const warehouse = new Warehouse();
  for (const each of [...defined, ...commands]) warehouse.handle(each);
  return warehouse;
};

const property = (holds: (warehouse: Warehouse) => void): void =>
  fc.assert(
    fc.property(fc.array(command, { maxLength: 40 }), (commands) => holds(warehouseAfter(commands))),
    { numRuns: 2_000 },
  );

/** The published events of each order, or of each product. */
const streamsOf = ({ published }: Warehouse, about: 'orders' | 'products'): Published[][] =>
  [...new Set(published.map(({ subject }) => subject))]
    .filter((subject) => SKUS.includes(subject) === (about === 'products'))
    .map((subject) => published.filter((each) => each.subject === subject));

const totalOf = (lines: readonly Line[], of: string): number =>
  lines.reduce((sum, each) => sum + (each.sku === of ? each.quantity : 0), 0);

describe('in any order and number of its inputs, inventory', () => {
  it('never reserves more than is on hand', () => {
    property(({ stock }) => {
      for (const { reserved, onHand } of stock) {
        expect(reserved).toBeGreaterThanOrEqual(0);
        expect(reserved).toBeLessThanOrEqual(onHand);
      }
    });
  });

  it('keeps delivered = on hand + committed', () => {
    property(({ stock, workingSet }) => {
      for (const product of stock)
        expect(product.onHand + product.committed).toBe(totalOf(workingSet.newDeliveries(), product.sku));
    });
  });

  it('keeps reserved = the sum of the open reservations', () => {
    property(({ stock, workingSet }) => {
      const open = workingSet
        .changedReservations()
        .flatMap((each) => (each.status === 'reserved' ? [...each.lines] : []));
      for (const product of stock) expect(product.reserved).toBe(totalOf(open, product.sku));
    });
  });

  it('answers an order at most once, and releases or commits its reservation at most once', () => {
    property((warehouse) => {
      for (const stream of streamsOf(warehouse, 'orders'))
        expect(stream.map(({ publish }) => publish.type).join()).toMatch(
          /^(StockRejected|StockReserved(,StockReleased|,StockCommitted)?)$/,
        );
    });
  });

  it('publishes only its own events, with a sequence without a gap for each order and product', () => {
    property((warehouse) => {
      for (const { publish } of warehouse.published) expect(eventsOf('inventory')).toContain(publish.type);
      for (const stream of [...streamsOf(warehouse, 'orders'), ...streamsOf(warehouse, 'products')])
        expect(stream.map(({ sequence }) => sequence)).toEqual(stream.map((_, index) => index + 1));
    });
  });
});

describe('a price', () => {
  it('is published in a second field where it does not fit the int of the first release', () => {
    const dataOf = (priceMinor: number) => {
      const { workingSet } = warehouseAfter([]);
      const change = { name: 'Fridge', priceMinor, currency: 'LBP' };
      const event = { type: 'ProductChanged' as const, sku: 'TEA', data: change };
      const [effect] = effects(event, evolve(workingSet.get(defined[0]!), event));
      return (effect as Published).publish.data;
    };
    expect(dataOf(2 ** 31 - 1)).toMatchObject({ priceMinor: 2 ** 31 - 1, largePriceMinor: null });
    expect(dataOf(4_500_000_000)).toMatchObject({ priceMinor: 2 ** 31 - 1, largePriceMinor: 4_500_000_000 });
  });
});

describe('reactions', () => {
  it('reserve, commit and release, without prices', () => {
    const subject = 'order-1';
    // A SKU that stands in two lines of the order.
    const lines = [
      { sku: 'TEA-1', quantity: 2 },
      { sku: 'TEA-1', quantity: 1 },
    ];
    expect(reactions.OrderPlaced(anEvent('OrderPlaced', { subject }))).toEqual({
      type: 'ReserveStock',
      orderId: subject,
      lines,
    });
    const confirmed = anEvent('OrderConfirmed', { subject });
    expect(reactions.OrderConfirmed(confirmed)).toEqual({ type: 'CommitStock', orderId: subject });
    const cancelled = anEvent('OrderCancelled', { subject });
    expect(reactions.OrderCancelled(cancelled)).toEqual({ type: 'ReleaseStock', orderId: subject });
  });
});

describe('an event that inventory published and its restored database does not hold', () => {
  it('is a change of a product with the number that it had, although earlier changes are compacted away', () => {
    const changed = anEvent('ProductChanged', { subject: 'TEA', sequence: 3 }) as never;
    const command = takeBack.commandOf(changed);
    const workingSet = new InventoryWorkingSet({ reservations: [], stock: [], deliveries: [] });
    const state = takeBack.eventsOf(changed, workingSet.get(command)).reduce(evolve, workingSet.get(command));
    expect(takeBack.sequenceOf(changed, state)).toBe(3);
  });
});
