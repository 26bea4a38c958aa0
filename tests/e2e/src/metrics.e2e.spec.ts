import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { eventually } from './support/eventually.js';
import { OtlpCollector } from './support/otlp-collector.js';
import { Scrape } from './support/scrape.js';
import { copyOf } from './support/tap.js';
import { World } from './support/world.js';

let collector: OtlpCollector;
let world: World;

beforeAll(async () => {
  collector = await OtlpCollector.open();
  world = await World.open({ env: { all: collector.env } });
});
afterAll(async () => {
  await world?.close();
  await collector?.close();
});

const SERVICES = ['orders', 'inventory', 'payments', 'notifications'] as const;
type Name = (typeof SERVICES)[number];

const scrape = async (name: Name) => Scrape.of(world.system.urls[name]);

async function scrapeAll(): Promise<Record<Name, Scrape>> {
  const scrapes = await Promise.all(SERVICES.map(async (name) => [name, await scrape(name)]));
  return Object.fromEntries(scrapes) as Record<Name, Scrape>;
}

/** How much more stands there than before. */
const risen = (before: Scrape, after: Scrape, name: string, labels: Record<string, string> = {}): number =>
  (after.sum(name, labels) ?? 0) - (before.sum(name, labels) ?? 0);

async function orders(count: number, token: string, sku: string): Promise<void> {
  const placed = await Promise.all(
    Array.from({ length: count }, () => world.shop.place({ lines: [{ sku, quantity: 1 }], token })),
  );
  for (const orderId of placed) await world.shop.settled(orderId);
}

describe('what the services count', () => {
  it('is what was done: orders, outcomes, events said and heard, calls made, requests answered', async () => {
    const sku = await world.shop.sells({ units: 100 });
    const before = await scrapeAll();
    await orders(7, 'tok_visa', sku);
    await orders(4, 'tok_declined', sku);
    const after = await scrapeAll();
    const more = (name: Name, metric: string, labels?: Record<string, string>) =>
      risen(before[name], after[name], metric, labels);

    expect(more('orders', 'orderflow_events_total', { type: 'OrderPlaced' })).toBe(11);
    expect(more('orders', 'orderflow_events_total', { type: 'OrderConfirmed' })).toBe(7);
    expect(more('orders', 'orderflow_saga_duration_seconds_count', { outcome: 'confirmed' })).toBe(7);
    expect(more('orders', 'orderflow_saga_duration_seconds_count', { outcome: 'payment_declined' })).toBe(4);
    expect(more('inventory', 'orderflow_events_total', { type: 'StockReserved' })).toBe(11);
    expect(
      more('payments', 'orderflow_external_call_duration_seconds_count', { kind: 'charge', outcome: 'answered' }),
    ).toBe(11);
    expect(more('notifications', 'orderflow_external_call_duration_seconds_count', { outcome: 'answered' })).toBe(11);
    const answered = { http_request_method: 'POST', http_route: '/orders', http_response_status_code: '202' };
    expect(more('orders', 'http_server_request_duration_seconds_count', answered)).toBe(11);

    const topic = world.tap.topicOf('orders');
    const sent = more('orders', 'messaging_client_sent_messages_total', { messaging_destination_name: topic });
    expect(sent).toBe(22);
    for (const [name, group] of [
      ['inventory', 'inventory'],
      ['payments', 'payments'],
      ['orders', 'orders.views'],
    ] as const) {
      const labels = { messaging_destination_name: topic, messaging_consumer_group_name: group, outcome: 'done' };
      // Payments has nothing to do with orders that are confirmed.
      const heard = group === 'payments' ? 15 : 22;
      expect({ group, heard: more(name, 'messaging_process_duration_seconds_count', labels) }).toEqual({
        group,
        heard,
      });
    }
    expect(more('orders', 'orderflow_outbox_wait_seconds_count')).toBe(22);
  });

  it('knows what came twice, and that nothing came of it', async () => {
    const sku = await world.shop.sells({ units: 10 });
    const orderId = await world.shop.place({ lines: [{ sku, quantity: 1 }] });
    await world.shop.settled(orderId);
    const before = await scrape('inventory');
    const [placed] = world.tap.recordsOf(orderId);
    await world.tap.send([copyOf(placed!), copyOf(placed!), copyOf(placed!)]);
    await eventually(async () => {
      const after = await scrape('inventory');
      const metric = 'messaging_process_duration_seconds_count';
      expect(risen(before, after, metric, { outcome: 'duplicate' })).toBe(3);
      expect(risen(before, after, 'orderflow_events_total')).toBe(0);
    });
  });
});

describe('what stands still', () => {
  it('is nothing once all orders are settled: no lag, no outbox, nothing pending', async () => {
    const sku = await world.shop.sells({ units: 10 });
    await orders(3, 'tok_visa', sku);
    await eventually(async () => {
      const all = await scrapeAll();
      for (const name of SERVICES) {
        expect([name, all[name].sum('orderflow_consumer_lag_records')]).toEqual([name, 0]);
        expect([name, all[name].sum('orderflow_outbox_pending_records')]).toEqual([name, 0]);
        expect([name, all[name].sum('orderflow_parked_records')]).toEqual([name, 0]);
      }
      expect(all.orders.sum('orderflow_orders_pending')).toBe(0);
      expect(all.orders.sum('orderflow_orders_unsettled')).toBe(0);
    });
  });

  it('is an order whose payment has no answer: pending, and the call with it, until it has', async () => {
    const sku = await world.shop.sells({ units: 10 });
    await world.shop.faults({ payments: { outage: true } });
    const orderId = await world.shop.place({ lines: [{ sku, quantity: 1 }] });
    await eventually(async () => {
      const { orders: ofOrders, payments } = await scrapeAll();
      expect(ofOrders.sum('orderflow_orders_pending')).toBe(1);
      expect(ofOrders.sum('orderflow_orders_oldest_unsettled_age_seconds')).toBeGreaterThan(0);
      expect(payments.sum('orderflow_external_calls_pending', { kind: 'charge' })).toBe(1);
      const failed = { kind: 'charge', outcome: 'failed' };
      expect(payments.sum('orderflow_external_call_duration_seconds_count', failed)).toBeGreaterThan(0);
    });
    await world.shop.faults({ payments: {} });
    await world.shop.settled(orderId);
    await eventually(async () => {
      const { orders: ofOrders, payments } = await scrapeAll();
      expect(ofOrders.sum('orderflow_orders_unsettled')).toBe(0);
      expect(payments.sum('orderflow_external_calls_pending')).toBe(0);
    });
  });

  it('is a record that cannot be read, at each who hears it', async () => {
    const key = randomUUID();
    await world.tap.send([{ topic: world.tap.topicOf('orders'), key, value: Buffer.from('junk'), headers: {} }]);
    const parked = async () => (await scrape('inventory')).sum('orderflow_parked_records', { group: 'inventory' });
    await eventually(async () => expect(await parked()).toBe(1));
    for (const service of SERVICES) await world.rowsOf(service, 'DELETE FROM parked WHERE subject = $1', [key]);
    await eventually(async () => expect(await parked()).toBe(0));
  });
});

describe('the text', () => {
  it('is OpenMetrics, and buckets lead to traces', async () => {
    const { contentType, text } = await scrape('orders');
    expect(contentType).toContain('application/openmetrics-text');
    const exemplar = /^orderflow_saga_duration_seconds_bucket\{.*\} \d+ # \{trace_id="([0-9a-f]{32})",/m.exec(text);
    const traceId = exemplar?.[1];
    await eventually(() => expect(collector.traceOf(traceId!).length).toBeGreaterThan(10));
  });

  it('tells of the process itself', async () => {
    const all = await scrape('notifications');
    for (const name of ['process_resident_memory_bytes', 'nodejs_eventloop_lag_p99_seconds', 'db_client_connections'])
      expect([name, all.sum(name)]).toEqual([name, expect.any(Number)]);
  });
});
