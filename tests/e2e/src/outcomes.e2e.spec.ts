import { beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import type { Answer, Order } from '@orderflow/client';
import type { EventType } from '@orderflow/contracts';
import { eventsOfOrder, eventsOnceComplete, expectConsistent, expectOrder } from './support/published-events.js';
import { auditPasses, TestSystem } from './support/test-system.js';

interface Item {
  readonly units: number;
  readonly priceMinor: number;
  readonly quantity: number;
  /** Units on hand and committed once the order is settled; none are reserved then. */
  readonly onHand: number;
  readonly committed: number;
}

interface Outcome {
  readonly title: string;
  readonly paymentToken: string;
  readonly cancels?: true;
  readonly items: readonly Item[];
  readonly order: object;
  readonly charges: readonly object[];
  readonly payment: object;
  readonly mails: readonly string[];
  readonly events: readonly EventType[];
  /** Each of these is appended in this order. */
  readonly chains: readonly (readonly EventType[])[];
}

const item = (units: number, quantity: number, committed: number, priceMinor = 1_500): Item => ({
  units,
  priceMinor,
  quantity,
  onHand: units - committed,
  committed,
});

const confirmed = {
  order: { status: 'confirmed', stock: 'committed', payment: 'captured', version: 2 },
  mails: ['order-confirmed x1'],
  events: eventsOfOrder.confirmed,
  chains: [
    ['OrderPlaced', 'StockReserved', 'PaymentCaptured', 'OrderConfirmed', 'StockCommitted'],
    ['OrderConfirmed', 'NotificationSent'],
  ],
} as const;

const outOfStock: Outcome = {
  title: 'an order of more than is in stock',
  paymentToken: 'tok_visa',
  items: [item(10, 3, 0), item(1, 2, 0)],
  order: { status: 'cancelled', cancelReason: 'out_of_stock', stock: 'rejected', payment: 'voided' },
  charges: [],
  payment: { status: 'voided', capturedMinor: 0, refundedMinor: 0 },
  mails: ['order-cancelled x1'],
  events: eventsOfOrder.outOfStock,
  chains: [
    ['OrderPlaced', 'StockRejected', 'OrderCancelled', 'PaymentVoided'],
    ['OrderCancelled', 'NotificationSent'],
  ],
};

const declined = (paymentToken: string): Outcome => ({
  title: `an order whose payment is declined (${paymentToken})`,
  paymentToken,
  items: [item(4, 3, 0)],
  order: { status: 'cancelled', cancelReason: 'payment_declined', stock: 'released', payment: 'declined' },
  charges: [{ status: 'declined', refundedMinor: 0 }],
  payment: { status: 'declined', capturedMinor: 0, refundedMinor: 0 },
  mails: ['order-cancelled x1'],
  events: eventsOfOrder.declined,
  chains: [
    ['OrderPlaced', 'StockReserved', 'PaymentDeclined', 'OrderCancelled', 'StockReleased'],
    ['OrderCancelled', 'NotificationSent'],
  ],
});

/** The capture comes after the cancellation, and is refunded. */
const refunded = {
  items: [item(2, 2, 0)],
  charges: [{ status: 'captured', amountMinor: 3_000, refundedMinor: 3_000 }],
  payment: { status: 'refunded', capturedMinor: 3_000, refundedMinor: 3_000 },
  mails: ['order-cancelled x1', 'payment-refunded x1'],
  events: eventsOfOrder.refunded,
  chains: [
    ['OrderPlaced', 'StockReserved', 'OrderCancelled', 'PaymentCaptured', 'PaymentRefunded'],
    ['OrderCancelled', 'StockReleased'],
  ],
} as const;

const cancelled = { status: 'cancelled', stock: 'released', payment: 'refunded', version: 2 };

const outcomes: readonly Outcome[] = [
  {
    ...confirmed,
    title: 'an order over two products',
    paymentToken: 'tok_visa',
    items: [item(10, 2, 2), item(5, 5, 5, 250)],
    order: { ...confirmed.order, totalMinor: 4_250, currency: 'EUR' },
    charges: [{ status: 'captured', amountMinor: 4_250, refundedMinor: 0 }],
    payment: { status: 'captured', capturedMinor: 4_250, refundedMinor: 0 },
  },
  {
    ...confirmed,
    title: 'an order whose payment fails twice before it is answered',
    paymentToken: 'tok_flaky',
    items: [item(1, 1, 1)],
    charges: [{ status: 'captured', amountMinor: 1_500, refundedMinor: 0 }],
    payment: { status: 'captured', capturedMinor: 1_500, refundedMinor: 0 },
  },
  outOfStock,
  declined('tok_declined'),
  declined('tok_insufficient_funds'),
  {
    ...refunded,
    title: 'an order that the customer cancels while the provider charges it',
    paymentToken: 'tok_slow',
    cancels: true,
    order: { ...cancelled, cancelReason: 'customer_request' },
  },
  {
    ...refunded,
    title: 'an order whose payment is answered after the deadline',
    paymentToken: 'tok_timeout',
    order: { ...cancelled, cancelReason: 'timed_out' },
  },
];

interface Settled {
  readonly order: Order;
  readonly skus: readonly string[];
  readonly traceId: string;
  /** The responses to two requests to cancel, where the customer does. */
  readonly cancellations: readonly Answer[];
}

const system = new TestSystem({
  env: { orders: { ORDER_DEADLINE_SECONDS: '20' }, sandbox: { SILENCE_SECONDS: '23', SLOW_SECONDS: '4' } },
});
let settled: Settled[];

async function settle({ items, paymentToken, cancels }: Outcome): Promise<Settled> {
  const { client } = system;
  const skus = await Promise.all(items.map(async (it) => client.newProduct(it)));
  const lines = skus.map((sku, index) => ({ sku, quantity: items[index]!.quantity }));
  const traceId = randomBytes(16).toString('hex');
  const headers = { traceparent: `00-${traceId}-${'1'.repeat(16)}-01` };
  const orderId = await client.place({ lines, paymentToken }, headers);
  const cancellations: Answer[] = [];
  if (cancels) {
    await client.chargeOf(orderId);
    for (let request = 1; request <= 2; request++) cancellations.push(await client.cancel(orderId));
  }
  return { order: await client.settled(orderId), skus, traceId, cancellations };
}

beforeAll(async () => {
  settled = await Promise.all(outcomes.map(settle));
});

describe.each(outcomes.map((outcome, index) => ({ ...outcome, index })))('$title', (outcome) => {
  const own = (): Settled => settled[outcome.index]!;
  const orderId = (): string => own().order.orderId;

  it('ends in its state, with the trace of its request', () => {
    const { order, traceId } = own();
    expect(order).toMatchObject({ ...outcome.order, settled: true, traceId });
    expect('cancelReason' in order).toBe(order.status === 'cancelled');
  });

  it('is charged and refunded as it ends, at the provider and at payments', async () => {
    expect(await system.client.charges(orderId())).toMatchObject(outcome.charges);
    expect(await system.client.charges(orderId())).toHaveLength(outcome.charges.length);
    expect(await system.client.payment(orderId())).toMatchObject(outcome.payment);
  });

  it('leaves the stock of each product as it ends', async () => {
    const products = await Promise.all(own().skus.map(async (sku) => system.client.product(sku)));
    expect(products).toMatchObject(
      outcome.items.map(({ onHand, committed }) => ({ onHand, reserved: 0, available: onHand, committed })),
    );
  });

  it('sends each mail once', async () => {
    expect(await system.client.mailsOf(orderId())).toEqual(outcome.mails);
    const notifications = await system.client.notifications(orderId());
    const sent = notifications.map(({ template, status }) => `${template} ${status}`);
    expect(sent.toSorted()).toEqual(outcome.mails.map((mail) => mail.replace(' x1', ' sent')));
  });

  it('publishes its events in order, each with its cause', async () => {
    const published = await eventsOnceComplete(system.eventTap, orderId(), outcome.events);
    expectConsistent(published, own().order);
    for (const chain of outcome.chains) expectOrder(published, ...chain);
  });
});

it('an order that is cancelled cannot be cancelled again', () => {
  const [first, second] = settled.flatMap(({ cancellations }) => cancellations);
  expect(first).toMatchObject({ status: 202, body: { status: 'cancelled' } });
  expect(second).toMatchObject({ status: 409, type: expect.stringContaining('application/problem+json') });
});

auditPasses(system);
