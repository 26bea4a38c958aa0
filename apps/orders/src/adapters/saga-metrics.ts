import type { Database, RecordedEvent } from '@orderflow/durable';
import { gauges, histogram } from '@orderflow/telemetry';
import type { OrderView, Viewed } from '@orderflow/order-view';

// docs/metrics.md documents names and labels.

const sagaDuration = histogram(
  'orderflow_saga_duration_seconds',
  'Time from placing an order until it is confirmed or cancelled.',
  [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300],
  ['outcome'],
);

/** Observes the duration of each order that was confirmed or cancelled. */
export function observeSaga(recorded: readonly RecordedEvent<Viewed, OrderView>[]): void {
  for (const { event, state, context } of recorded) {
    if (state.placedAt === undefined) continue;
    const seconds = (Date.parse(event.time) - state.placedAt.getTime()) / 1000;
    if (event.type === 'OrderConfirmed') sagaDuration.observe({ outcome: 'confirmed' }, seconds, context.traceparent);
    if (event.type === 'OrderCancelled')
      sagaDuration.observe({ outcome: event.data.reason }, seconds, context.traceparent);
  }
}

interface PendingRow {
  readonly young: number;
  readonly middling: number;
  readonly old: number;
  readonly unsettled: number;
  readonly late: number;
  readonly oldestPending: number;
  readonly oldestUnsettled: number;
}

/** Measures pending and unsettled orders from the read model. */
export function measureOrders(database: Database, onError: (error: unknown) => void): void {
  gauges(
    {
      orderflow_orders_pending: { help: 'Orders that are neither confirmed nor cancelled, by age.', labels: ['age'] },
      orderflow_orders_oldest_pending_age_seconds: { help: 'Age of the oldest pending order.' },
      orderflow_orders_unsettled: { help: 'Orders with outstanding answers, by age.', labels: ['age'] },
      orderflow_orders_oldest_unsettled_age_seconds: { help: 'Age of the oldest unsettled order.' },
    },
    async () => {
      const [row] = await database.query<PendingRow>(WAITING);
      const { young, middling, old, unsettled, late, oldestPending, oldestUnsettled } = row!;
      return {
        orderflow_orders_pending: [
          { labels: { age: '0-10s' }, value: young },
          { labels: { age: '10-60s' }, value: middling },
          { labels: { age: '60s+' }, value: old },
        ],
        orderflow_orders_oldest_pending_age_seconds: oldestPending,
        orderflow_orders_unsettled: [
          { labels: { age: '0-90s' }, value: unsettled - late },
          { labels: { age: '90s+' }, value: late },
        ],
        orderflow_orders_oldest_unsettled_age_seconds: oldestUnsettled,
      };
    },
    onError,
  );
}

// By the partial index of unsettled orders: the cost does not grow with past orders.
const WAITING = `
  SELECT count(*)::int AS unsettled, count(*) FILTER (WHERE age >= 90)::int AS late,
         coalesce(max(age), 0)::float8 AS "oldestUnsettled",
         count(*) FILTER (WHERE status = 'placed' AND age < 10)::int AS young,
         count(*) FILTER (WHERE status = 'placed' AND age >= 10 AND age < 60)::int AS middling,
         count(*) FILTER (WHERE status = 'placed' AND age >= 60)::int AS old,
         coalesce(max(age) FILTER (WHERE status = 'placed'), 0)::float8 AS "oldestPending"
  FROM (SELECT status, greatest(0, extract(epoch FROM now() - placed_at)) AS age
        FROM order_views WHERE NOT settled AND placed_at IS NOT NULL) waiting`;
