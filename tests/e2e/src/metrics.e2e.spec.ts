import { beforeAll, describe, expect, it } from '@jest/globals';
import { copyOf, eventually } from '@orderflow/client';
import { type Service, services } from '@orderflow/contracts';
import { OtlpCollector } from './support/otlp-collector.js';
import { Scrape } from './support/scrape.js';
import { TestSystem } from './support/test-system.js';

const collector = new OtlpCollector();
const system = new TestSystem({ collector });

const scrape = async (name: Service) => Scrape.of(system.client, name);

async function scrapeAll(): Promise<Record<Service, Scrape>> {
  const scrapes = await Promise.all(services.map(async (name) => [name, await scrape(name)]));
  return Object.fromEntries(scrapes) as Record<Service, Scrape>;
}

/** No record waits to be published or consumed, and none is parked. */
function expectIdle(all: Record<Service, Scrape>): void {
  for (const name of services)
    for (const gauge of ['consumer_lag', 'outbox_pending', 'parked'])
      expect([name, gauge, all[name].sum(`orderflow_${gauge}_records`)]).toEqual([name, gauge, 0]);
}

/** The increase of a counter. */
const risen = (before: Scrape, after: Scrape, name: string, labels: Record<string, string> = {}): number =>
  (after.sum(name, labels) ?? 0) - (before.sum(name, labels) ?? 0);

async function settledOrders(count: number, paymentToken: string, sku: string): Promise<void> {
  const placed = await system.client.placeSeveral(count, { lines: [{ sku, quantity: 1 }], paymentToken });
  for (const orderId of placed) await system.client.settled(orderId);
}

describe('seven confirmed and four declined orders count', () => {
  let before: Record<Service, Scrape>;
  let after: Record<Service, Scrape>;
  const more = (name: Service, metric: string, labels?: Record<string, string>) =>
    risen(before[name], after[name], metric, labels);

  beforeAll(async () => {
    const sku = await system.client.newProduct({ units: 100 });
    before = await scrapeAll();
    await settledOrders(7, 'tok_visa', sku);
    await settledOrders(4, 'tok_declined', sku);
    // An order is settled before the last of its records is counted everywhere.
    const sent = { messaging_destination_name: system.eventTap.topicOf('orders') };
    await eventually(async () => {
      after = await scrapeAll();
      expectIdle(after);
      if (more('orders', 'messaging_client_sent_messages_total', sent) < 22) throw new Error('not all are counted');
    });
    after = await scrapeAll();
  });

  it.each([
    ['orders', 'OrderPlaced', 11],
    ['orders', 'OrderConfirmed', 7],
    ['inventory', 'StockReserved', 11],
  ] as const)('as events decided at %s: %s, %d times', (name, type, count) => {
    expect(more(name, 'orderflow_events_total', { type })).toBe(count);
  });

  it.each([
    ['confirmed', 7],
    ['payment_declined', 4],
  ])('as sagas that ended %s, %d times', (outcome, count) => {
    expect(more('orders', 'orderflow_saga_duration_seconds_count', { outcome })).toBe(count);
  });

  it.each([
    ['payments', 'charge'],
    ['notifications', 'mail'],
  ] as const)('as answered external calls of %s', (name, kind) => {
    expect(more(name, 'orderflow_external_call_duration_seconds_count', { kind, outcome: 'answered' })).toBe(11);
  });

  it('as HTTP requests', () => {
    const answered = { http_request_method: 'POST', http_route: '/orders', http_response_status_code: '202' };
    expect(more('orders', 'http_server_request_duration_seconds_count', answered)).toBe(11);
  });

  it('as records sent, each with its time in the outbox', () => {
    const labels = { messaging_destination_name: system.eventTap.topicOf('orders') };
    expect(more('orders', 'messaging_client_sent_messages_total', labels)).toBe(22);
    expect(more('orders', 'orderflow_outbox_wait_seconds_count')).toBe(22);
  });

  it.each([
    ['inventory', 'inventory', 22],
    // Payments does not consume OrderConfirmed.
    ['payments', 'payments', 15],
    ['orders', 'orders.views', 22],
  ] as const)('as records of orders processed at %s by the group %s: %d', (name, group, count) => {
    const labels = {
      messaging_destination_name: system.eventTap.topicOf('orders'),
      messaging_consumer_group_name: group,
      outcome: 'done',
    };
    expect(more(name, 'messaging_process_duration_seconds_count', labels)).toBe(count);
  });
});

describe('a record that is delivered again', () => {
  it('counts as a duplicate, and as no event', async () => {
    const { orderId } = await system.client.settledOrder();
    const before = await scrape('inventory');
    const [placed] = system.eventTap.recordsOf(orderId);
    await system.eventTap.publish([copyOf(placed!), copyOf(placed!), copyOf(placed!)]);
    await eventually(async () => {
      const after = await scrape('inventory');
      const metric = 'messaging_process_duration_seconds_count';
      expect(risen(before, after, metric, { outcome: 'duplicate' })).toBe(3);
      expect(risen(before, after, 'orderflow_events_total')).toBe(0);
    });
  });
});

describe('the gauges of work in progress', () => {
  it('are zero once all orders are settled', async () => {
    const sku = await system.client.newProduct({ units: 10 });
    await settledOrders(3, 'tok_visa', sku);
    await eventually(async () => {
      const all = await scrapeAll();
      expectIdle(all);
      expect(all.orders.sum('orderflow_orders_pending')).toBe(0);
      expect(all.orders.sum('orderflow_orders_unsettled')).toBe(0);
    });
  });

  it('show an order whose payment is not answered, and its call, until it is', async () => {
    const sku = await system.client.newProduct({ units: 10 });
    await system.client.setFaults({ payments: { outage: true } });
    const orderId = await system.client.place({ lines: [{ sku, quantity: 1 }] });
    await eventually(async () => {
      const { orders, payments } = await scrapeAll();
      expect(orders.sum('orderflow_orders_pending')).toBe(1);
      expect(orders.sum('orderflow_orders_oldest_unsettled_age_seconds')).toBeGreaterThan(0);
      expect(payments.sum('orderflow_external_calls_pending', { kind: 'charge' })).toBe(1);
      const failed = { kind: 'charge', outcome: 'failed' };
      expect(payments.sum('orderflow_external_call_duration_seconds_count', failed)).toBeGreaterThan(0);
    });
    await system.client.setFaults({ payments: {} });
    await system.client.settled(orderId);
    await eventually(async () => {
      const { orders, payments } = await scrapeAll();
      expect(orders.sum('orderflow_orders_unsettled')).toBe(0);
      expect(payments.sum('orderflow_external_calls_pending')).toBe(0);
    });
  });
});

describe('the text', () => {
  it('is OpenMetrics, with exemplars that lead to traces', async () => {
    const { contentType, text } = await scrape('orders');
    expect(contentType).toContain('application/openmetrics-text');
    const exemplar = /^orderflow_saga_duration_seconds_bucket\{.*\} \d+ # \{trace_id="([0-9a-f]{32})",/m.exec(text);
    const traceId = exemplar?.[1];
    await eventually(() => expect(collector.traceOf(traceId!).length).toBeGreaterThan(10));
  });

  it('has the metrics of the process', async () => {
    const all = await scrape('notifications');
    for (const name of ['process_resident_memory_bytes', 'nodejs_eventloop_lag_p99_seconds', 'db_client_connections'])
      expect([name, all.sum(name)]).toEqual([name, expect.any(Number)]);
  });
});
