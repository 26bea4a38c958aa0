import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { type EventType, type Service, services } from '@orderflow/contracts';
import { eventually } from '@orderflow/client';
import { OtlpCollector } from './support/otlp-collector.js';
import { eventsOfOrder, eventsOnceComplete } from './support/published-events.js';
import type { SpanTree } from './support/span-tree.js';
import { expectConventions, wholeTrace } from './support/whole-trace.js';
import { TestSystem } from './support/test-system.js';

const collector = new OtlpCollector();
const system = new TestSystem({
  collector,
  env: {
    orders: { ORDER_DEADLINE_SECONDS: '15' },
    payments: { PAYMENT_PROVIDER_TIMEOUT_MS: '4000' },
    sandbox: { SILENCE_SECONDS: '18', SLOW_SECONDS: '3' },
  },
});

interface Scenario {
  readonly outcome: string;
  readonly paymentToken?: string;
  readonly quantity?: number;
  readonly cancels?: true;
  readonly publishes: readonly EventType[];
}

const confirmed: Scenario = { outcome: 'confirmed', publishes: eventsOfOrder.confirmed };

const scenarios: readonly Scenario[] = [
  confirmed,
  { outcome: 'out_of_stock', quantity: 11, publishes: eventsOfOrder.outOfStock },
  { outcome: 'payment_declined', paymentToken: 'tok_declined', publishes: eventsOfOrder.declined },
  { outcome: 'timed_out', paymentToken: 'tok_timeout', publishes: eventsOfOrder.refunded },
  { outcome: 'customer_request', cancels: true, publishes: eventsOfOrder.refunded },
];

/** Places an order and waits until it is settled. */
async function play({ paymentToken = 'tok_visa', quantity = 2, cancels }: Scenario) {
  const { client } = system;
  const sku = await client.newProduct({ units: 10 });
  const orderId = cancels
    ? await client.placeAndCancel(sku, quantity)
    : await client.place({ lines: [{ sku, quantity }], paymentToken });
  const { traceId } = await client.settled(orderId);
  return { orderId, traceId };
}

describe.each(scenarios)('the trace of an order that ends as $outcome', (scenario) => {
  let orderId: string;
  let traceId: string;
  let tree: SpanTree;

  beforeAll(async () => {
    ({ orderId, traceId } = await play(scenario));
    tree = await wholeTrace(collector, traceId, scenario.publishes);
  });

  it('reaches every service, from orders on', () => {
    expect(tree.services.filter((name) => name !== 'sandbox').toSorted()).toEqual(services.toSorted());
    expect(tree.services[0]).toBe('orders');
  });

  it('begins with the request', () => {
    expect(tree.roots[0]).toMatchObject({
      service: 'orders',
      attributes: {
        'http.request.method': 'POST',
        'http.route': '/orders',
        'http.response.status_code': 202,
        'orderflow.order.id': orderId,
      },
    });
  });

  it('follows the messaging conventions', () => {
    expectConventions(tree, orderId);
  });

  it('carries the outcome on one span', () => {
    expect(tree.outcomes).toEqual([`orders: ${scenario.outcome}`]);
  });

  it('ends with each mail, below the request', () => {
    const mails = tree.named(/^call mail$/);
    expect(mails).toHaveLength(scenario.publishes.filter((type) => type === 'NotificationSent').length);
    for (const mail of mails) expect(tree.pathTo(mail)[0]).toBe('POST /orders');
  });

  it('has all spans of the order but those of a request to cancel', () => {
    const elsewhere = collector.spans.filter(
      (span) => span.traceId !== traceId && span.attributes['orderflow.order.id'] === orderId,
    );
    expect(elsewhere.map(({ name }) => name)).toEqual(scenario.cancels ? ['POST /orders/:orderId/cancel'] : []);
  });
});

describe('a trace', () => {
  it('shows the path of an order, step by step', async () => {
    const { traceId } = await play(confirmed);
    const tree = await wholeTrace(collector, traceId, confirmed.publishes);
    const topic = (service: Service) => system.eventTap.topicOf(service);
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
    // The provider joins the trace.
    const [charge] = tree.named(/^POST \/charges$/);
    expect(charge).toMatchObject({ service: 'sandbox' });
    expect(tree.parentOf(charge!)?.name).toBe('call charge');
    for (const send of tree.named(/^send /))
      expect(send.endedAt - send.startedAt).toBeGreaterThanOrEqual(
        Number(send.attributes['orderflow.outbox.wait_ms']) - 1,
      );
  });

  it('carries the tracestate of the caller to the provider, to the mail, and through a cancellation', async () => {
    const { client, eventTap } = system;
    const [traceId, tracestate] = [randomBytes(16).toString('hex'), 'shop=cart-7,gate=1'];
    const lines = [{ sku: await client.newProduct({ units: 10 }), quantity: 1 }];
    const headers = { traceparent: `cc-${traceId}-${'1'.repeat(16)}-01-more`, tracestate };
    const orderId = await client.place({ lines, paymentToken: 'tok_slow' }, headers);
    await client.chargeOf(orderId);
    await client.cancelInTime(orderId);
    await client.settled(orderId);
    const spans = await eventually(() => {
      const found = collector.traceOf(traceId);
      const seen = found.map(({ service, name }) => `${service}: ${name}`);
      expect(seen.filter((name) => name === 'notifications: call mail')).toHaveLength(2);
      expect(seen).toEqual(expect.arrayContaining(['sandbox: POST /charges', 'sandbox: POST /refunds']));
      return found;
    });
    expect(spans.filter((span) => span.tracestate !== tracestate).map(({ name }) => name)).toEqual([]);
    const published = await eventsOnceComplete(eventTap, orderId, eventsOfOrder.refunded);
    for (const { record } of published) expect(record.headers['tracestate']?.toString()).toBe(tracestate);
  });

  it('costs no header where the caller sends no tracestate', async () => {
    const { orderId } = await system.client.settledOrder();
    const published = await eventsOnceComplete(system.eventTap, orderId, eventsOfOrder.confirmed);
    for (const { record } of published) expect(record.headers).not.toHaveProperty('tracestate');
  });

  it('names the product, not an order, where an event is one of a product', async () => {
    const sku = await system.client.newProduct({ units: 1 });
    await eventually(() => {
      const spans = collector.spans.filter(({ attributes }) => attributes['orderflow.product.sku'] === sku);
      const topic = system.eventTap.topicOf('inventory').replace(/events$/, 'products');
      expect(new Set(spans.map(({ name }) => name))).toEqual(new Set([`send ${topic}`, `process ${topic}`]));
    });
    expect(collector.spans.filter(({ attributes }) => attributes['orderflow.order.id'] === sku)).toEqual([]);
  });

  it('is begun by orders, and not by reads', async () => {
    const { client } = system;
    const seen = new Set(collector.spans.map(({ traceId }) => traceId));
    const { traceId } = await client.settledOrder();
    for (const url of Object.values(system.client.urls))
      for (const path of ['/health/live', '/health/ready', '/metrics', '/docs-json']) await fetch(url + path);
    await wholeTrace(collector, traceId, confirmed.publishes);
    const others = collector.spans.filter((span) => !seen.has(span.traceId) && span.traceId !== traceId);
    // What is left: the product, its delivery, and polling for its price.
    expect(others.filter(({ name }) => / ?(GET|HEAD) /.test(name))).toEqual([]);
  });

  it('does not hold back an order while the collector is away', async () => {
    collector.failsWith = 503;
    const { rejected } = collector;
    const { traceId } = await play(confirmed);
    await eventually(() => expect(collector.rejected).toBeGreaterThan(rejected));
    collector.failsWith = undefined;
    const later = await play(confirmed);
    await wholeTrace(collector, later.traceId, confirmed.publishes);
    expect(traceId).not.toBe(later.traceId);
  });
});
