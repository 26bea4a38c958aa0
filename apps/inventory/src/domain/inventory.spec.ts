import { describe, expect, it } from '@jest/globals';
import { given } from '@orderflow/testing';
import { randomUUID } from 'node:crypto';
import { decide } from './decide.js';
import { evolve } from './evolve.js';
import { type Inventory, type InventoryCommand, type InventoryEvent, type Line, noReservation } from './inventory.js';

const orderId = randomUUID();
const tea = { name: 'Tea', priceMinor: 450, currency: 'EUR' };
const pot = { name: 'Teapot', priceMinor: 1900, currency: 'EUR' };

const empty: Inventory = { reservation: noReservation(orderId), stock: new Map(), delivery: undefined };
const past = given({ decide, evolve }, empty);

const defined = (sku: string, product = tea): InventoryEvent => ({ type: 'ProductChanged', sku, data: product });
const delivered = (sku: string, quantity: number): InventoryEvent => ({
  type: 'StockDelivered',
  deliveryId: 'd-1',
  sku,
  quantity,
});
/** Ten packets of tea and one pot. */
const warehouse = [defined('TEA'), delivered('TEA', 10), defined('POT', pot), delivered('POT', 1)];

const lines: readonly Line[] = [
  { sku: 'TEA', quantity: 2 },
  { sku: 'POT', quantity: 1 },
];
const reserve = (wanted = lines): InventoryCommand => ({ type: 'ReserveStock', orderId, lines: wanted });
const commit: InventoryCommand = { type: 'CommitStock', orderId };
const release: InventoryCommand = { type: 'ReleaseStock', orderId };

type WithLines = 'StockReserved' | 'StockCommitted' | 'StockReleased';
const event = (type: WithLines): InventoryEvent => ({ type, data: { lines: [...lines] } });
const outOfStock = (...short: Line[]): InventoryEvent => ({
  type: 'StockRejected',
  data: { reason: 'out_of_stock', short },
});
const forbidden: InventoryEvent = { type: 'ReservationForbidden' };
const tooLate: InventoryEvent = { type: 'StockRejected', data: { reason: 'order_cancelled', short: [] } };

describe('an order that is placed', () => {
  it('gets all its lines', () => {
    past(...warehouse)
      .when(reserve())
      .then(event('StockReserved'));
  });

  it('gets no line when one is short, and the event lists the shortage', () => {
    past(...warehouse)
      .when(
        reserve([
          { sku: 'TEA', quantity: 2 },
          { sku: 'POT', quantity: 3 },
          { sku: 'CUP', quantity: 4 },
        ]),
      )
      .then(outOfStock({ sku: 'POT', quantity: 2 }, { sku: 'CUP', quantity: 4 }));
  });

  it('does not get stock that is reserved for other orders', () => {
    const others = event('StockReserved');
    const { stock } = [...warehouse, others].reduce(evolve, empty);
    given({ decide, evolve }, { ...empty, stock })()
      .when(reserve())
      .then(outOfStock({ sku: 'POT', quantity: 1 }));
  });

  it('needs the sum of its lines of one product', () => {
    const twice = (quantity: number) => [
      { sku: 'TEA', quantity },
      { sku: 'TEA', quantity },
    ];
    past(...warehouse)
      .when(reserve(twice(5)))
      .then({ type: 'StockReserved', data: { lines: [{ sku: 'TEA', quantity: 10 }] } });
    past(...warehouse)
      .when(reserve(twice(6)))
      .then(outOfStock({ sku: 'TEA', quantity: 2 }));
  });

  it('is refused for a quantity below one', () => {
    for (const quantity of [0, -3])
      past(...warehouse)
        .when(reserve([{ sku: 'TEA', quantity }]))
        .thenRefused('impossible-quantity');
  });

  it('gets nothing when it was cancelled before', () => {
    past(...warehouse, forbidden)
      .when(reserve())
      .then(tooLate);
  });

  it('is answered once', () => {
    for (const answer of [
      [event('StockReserved')],
      [outOfStock({ sku: 'POT', quantity: 1 })],
      [forbidden, tooLate],
      [event('StockReserved'), event('StockReleased')],
      [event('StockReserved'), event('StockCommitted')],
    ])
      past(...warehouse, ...answer)
        .when(reserve())
        .thenNothing();
  });
});

describe('an order that is confirmed', () => {
  it('takes its reservation out of the stock', () => {
    past(...warehouse, event('StockReserved'))
      .when(commit)
      .then(event('StockCommitted'));
  });

  it('is refused where nothing is reserved', () => {
    for (const history of [[], [forbidden], [outOfStock()], [event('StockReserved'), event('StockReleased')]])
      past(...warehouse, ...history)
        .when(commit)
        .thenRefused('nothing-reserved');
  });

  it('takes it once', () => {
    past(...warehouse, event('StockReserved'), event('StockCommitted'))
      .when(commit)
      .thenNothing();
  });
});

describe('an order that is cancelled', () => {
  it('releases its reservation', () => {
    past(...warehouse, event('StockReserved'))
      .when(release)
      .then(event('StockReleased'));
  });

  it('forbids the reservation when it overtakes OrderPlaced', () => {
    past(...warehouse)
      .when(release)
      .then(forbidden);
  });

  it('is refused when its stock is committed', () => {
    past(...warehouse, event('StockReserved'), event('StockCommitted'))
      .when(release)
      .thenRefused('already-committed');
  });

  it('releases nothing twice, and nothing that was not reserved', () => {
    for (const history of [
      [event('StockReserved'), event('StockReleased')],
      [outOfStock()],
      [forbidden],
      [forbidden, tooLate],
    ])
      past(...warehouse, ...history)
        .when(release)
        .thenNothing();
  });
});

describe('a product', () => {
  const define = (product: typeof tea): InventoryCommand => ({ type: 'DefineProduct', sku: 'TEA', ...product });

  it('is published when it is new, and when its name, price or currency changes', () => {
    past().when(define(tea)).then(defined('TEA'));
    for (const change of [{ name: 'Green tea' }, { priceMinor: 500 }, { currency: 'CHF' }])
      past(defined('TEA'))
        .when(define({ ...tea, ...change }))
        .then(defined('TEA', { ...tea, ...change }));
  });

  it('is not published when nothing changes', () => {
    past(defined('TEA')).when(define(tea)).thenNothing();
  });

  it('is changed only at the revision that its editor saw, stock included', () => {
    const dearer = { ...tea, priceMinor: 500 };
    const at = (onlyAt: readonly string[] | 'any'): InventoryCommand =>
      ({ ...define(dearer), onlyAt }) as InventoryCommand;
    for (const seen of [at(['1.10.0.0']), at(['0', '1.10.0.0']), at('any')])
      past(defined('TEA'), delivered('TEA', 10)).when(seen).then(defined('TEA', dearer));
    for (const stale of [at(['1.0.0.0']), at(['2.10.0.0']), at(['*']), at(['any']), at([])])
      past(defined('TEA'), delivered('TEA', 10)).when(stale).thenRefused('product-changed');
    past().when(at('any')).thenRefused('product-changed');
  });

  it('keeps its stock when it changes', () => {
    const { stock } = [...warehouse, event('StockReserved'), defined('TEA', pot)].reduce(evolve, empty);
    expect(stock.get('TEA')).toEqual({ sku: 'TEA', ...pot, onHand: 10, reserved: 2, committed: 0, sequence: 2 });
  });
});

describe('a delivery', () => {
  const receive = (change: Partial<Line> = {}): InventoryCommand => ({
    type: 'ReceiveDelivery',
    deliveryId: 'd-1',
    sku: 'TEA',
    quantity: 10,
    ...change,
  });

  it('is added to what is on hand', () => {
    past(defined('TEA')).when(receive()).then(delivered('TEA', 10));
    expect([defined('TEA'), delivered('TEA', 10)].reduce(evolve, empty).stock.get('TEA')).toMatchObject({ onHand: 10 });
  });

  it('is refused for an unknown product', () => {
    past().when(receive()).thenRefused('unknown-product');
  });

  it('is refused under the id of another delivery', () => {
    const booked = past(defined('TEA'), defined('POT'), delivered('TEA', 10));
    booked.when(receive({ quantity: 11 })).thenRefused('delivery-differs');
    booked.when(receive({ sku: 'POT' })).thenRefused('delivery-differs');
  });

  it('is refused beyond the range of the column', () => {
    const most = 2_147_483_647;
    const full = [defined('TEA'), delivered('TEA', most)].reduce(evolve, empty);
    given({ decide, evolve }, { ...full, delivery: undefined })()
      .when(receive({ quantity: 1 }))
      .thenRefused('too-much-stock');
    past(defined('TEA'))
      .when(receive({ quantity: most }))
      .then(delivered('TEA', most));
  });

  it('is booked once', () => {
    past(defined('TEA'), delivered('TEA', 10)).when(receive()).thenNothing();
  });
});
