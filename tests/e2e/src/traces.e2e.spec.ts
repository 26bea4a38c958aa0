import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EventType } from '@orderflow/contracts';
import { eventually } from './support/eventually.js';
import { jaegerTrace } from './support/jaeger.js';
import { OtlpCollector } from './support/otlp-collector.js';
import { Shop } from './support/shop.js';
import { expectConventions, outcomesIn, wholeTrace } from './support/whole-trace.js';
import { World } from './support/world.js';

let collector: OtlpCollector;
let world: World;

beforeAll(async () => {
  collector = await OtlpCollector.open();
  world = await World.open({
    env: {
      all: collector.env,
      orders: { ORDER_DEADLINE_SECONDS: '4' },
      payments: { PAYMENT_PROVIDER_TIMEOUT_MS: '2000' },
      sandbox: { SILENCE_SECONDS: '6', SLOW_SECONDS: '1' },
    },
  });
});
afterAll(async () => {
  await world?.close();
  await collector?.close();
});

interface Story {
  readonly outcome: string;
  readonly token?: string;
  readonly quantity?: number;
  readonly cancels?: true;
  readonly says: readonly EventType[];
  /** The services, in the order in which they first have something to do. */
  readonly services: readonly string[];
}

const ALL = ['orders', 'inventory', 'payments', 'notifications'];

const stories: readonly Story[] = [
  {
    outcome: 'confirmed',
    says: ['OrderPlaced', 'StockReserved', 'PaymentCaptured', 'OrderConfirmed', 'StockCommitted', 'NotificationSent'],
    services: ALL,
  },
  {
    outcome: 'out_of_stock',
    quantity: 11,
    says: ['OrderPlaced', 'StockRejected', 'OrderCancelled', 'PaymentVoided', 'NotificationSent'],
    services: ALL,
  },
  {
    outcome: 'payment_declined',
    token: 'tok_declined',
    says: ['OrderPlaced', 'StockReserved', 'PaymentDeclined', 'OrderCancelled', 'StockReleased', 'NotificationSent'],
    services: ALL,
  },
  {
    outcome: 'timed_out',
    token: 'tok_timeout',
    says: [
      ...(['OrderPlaced', 'StockReserved', 'OrderCancelled', 'StockReleased', 'NotificationSent'] as const),
      ...(['PaymentCaptured', 'PaymentRefunded', 'NotificationSent'] as const),
    ],
    services: ALL,
  },
  {
    outcome: 'customer_request',
    token: 'tok_slow',
    cancels: true,
    says: [
      ...(['OrderPlaced', 'StockReserved', 'OrderCancelled', 'StockReleased', 'NotificationSent'] as const),
      ...(['PaymentCaptured', 'PaymentRefunded', 'NotificationSent'] as const),
    ],
    services: ALL,
  },
];

/** Plays a story. @returns the order and its trace as it says itself */
async function play(shop: Shop, { token = 'tok_visa', quantity = 2, cancels }: Story) {
  const sku = await shop.sells({ units: 10 });
  const orderId = await shop.place({ lines: [{ sku, quantity }], token });
  // Once the provider has it, so that the cancel always finds a charge on its way.
  if (cancels) {
    await shop.chargeOf(orderId);
    await shop.cancel(orderId);
  }
  const { traceId } = await shop.settled(orderId);
  return { orderId, traceId };
}

describe.each(stories)('an order that ends as $outcome', (story) => {
  it('is one trace, from the request to the mail', async () => {
    const { orderId, traceId } = await play(world.shop, story);
    const tree = await wholeTrace(() => collector.traceOf(traceId), story.says);

    expect(tree.services.filter((name) => name !== 'sandbox').toSorted()).toEqual([...story.services].toSorted());
    expect(tree.services[0]).toBe('orders');
    expect(tree.roots[0]).toMatchObject({
      service: 'orders',
      attributes: {
        'http.request.method': 'POST',
        'http.route': '/orders',
        'http.response.status_code': 202,
        'orderflow.order.id': orderId,
      },
    });
    expectConventions(tree, orderId);
    expect(outcomesIn(tree)).toEqual([`orders: ${story.outcome}`]);
    const mails = tree.named(/^call mail$/);
    expect(mails).toHaveLength(story.says.filter((type) => type === 'NotificationSent').length);
    for (const mail of mails) expect(tree.pathTo(mail)[0]).toBe('POST /orders');
    // Nothing about this order went anywhere else.
    const elsewhere = collector.spans.filter(
      (span) => span.traceId !== traceId && span.attributes['orderflow.order.id'] === orderId,
    );
    expect(elsewhere.map(({ name }) => name)).toEqual(story.cancels ? ['POST /orders/:orderId/cancel'] : []);
  });
});

describe('a trace', () => {
  it('shows the way that an order takes, step by step', async () => {
    const [confirmed] = stories;
    const { traceId } = await play(world.shop, confirmed!);
    const tree = await wholeTrace(() => collector.traceOf(traceId), confirmed!.says);
    const topic = (service: 'orders' | 'inventory' | 'payments') => world.tap.topicOf(service);
    const [mail] = tree.named(/^call mail$/);
    expect(tree.pathTo(mail!)).toEqual([
      'POST /orders',
      `send ${topic('orders')}`,
      `process ${topic('orders')}`,
      `send ${topic('inventory')}`,
      `process ${topic('inventory')}`,
      'call charge',
      `send ${topic('payments')}`,
      `process ${topic('payments')}`,
      `send ${topic('orders')}`,
      `process ${topic('orders')}`,
      'call mail',
    ]);
    // The provider joins: how long it took is seen from both sides.
    const [charge] = tree.named(/^POST \/charges$/);
    expect(charge).toMatchObject({ service: 'sandbox' });
    expect(tree.parentOf(charge!)?.name).toBe('call charge');
    for (const send of tree.named(/^send /))
      expect(send.endedAt - send.startedAt).toBeGreaterThanOrEqual(
        Number(send.attributes['orderflow.outbox.wait_ms']) - 1,
      );
  });

  it('is begun by orders, not by whoever looks', async () => {
    const { shop } = world;
    const seen = new Set(collector.spans.map(({ traceId }) => traceId));
    const sku = await shop.sells({ units: 1 });
    const orderId = await shop.place({ lines: [{ sku, quantity: 1 }] });
    const { traceId } = await shop.settled(orderId);
    for (const url of Object.values(world.system.urls))
      for (const path of ['/health/live', '/health/ready', '/metrics', '/docs-json']) await fetch(url + path);
    await wholeTrace(() => collector.traceOf(traceId), stories[0]!.says);
    const others = collector.spans.filter((span) => !seen.has(span.traceId) && span.traceId !== traceId);
    // The product, its delivery, and asking for its price until it is known.
    expect(others.filter(({ name }) => / ?(GET|HEAD) /.test(name))).toEqual([]);
  });

  it('goes on when a collector was away for a while, and orders never wait for it', async () => {
    collector.failsWith = 503;
    const { refused } = collector;
    const { traceId } = await play(world.shop, stories[0]!);
    await eventually(() => expect(collector.refused).toBeGreaterThan(refused));
    collector.failsWith = undefined;
    const later = await play(world.shop, stories[0]!);
    await wholeTrace(() => collector.traceOf(later.traceId), stories[0]!.says);
    expect(traceId).not.toBe(later.traceId);
  });
});

const { JAEGER_QUERY_URL: jaeger, ORDERS_URL: orders } = process.env;
// A system that is up elsewhere and reports to that Jaeger, for instance `docker compose up`.
if (jaeger && orders)
  describe(`in the Jaeger at ${jaeger}`, () => {
    it.each(stories.filter(({ outcome }) => outcome !== 'timed_out'))(
      'an order that ends as $outcome is one trace, too',
      async (story) => {
        const shop = Shop.at(orders);
        const { orderId, traceId } = await play(shop, story);
        const tree = await wholeTrace(() => jaegerTrace(jaeger, traceId), story.says);
        expectConventions(tree, orderId);
        expect(outcomesIn(tree)).toEqual([`orders: ${story.outcome}`]);
        expect(tree.services).toEqual(expect.arrayContaining([...story.services]));
      },
    );
  });
