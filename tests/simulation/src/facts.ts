import type { Event, Service } from '@orderflow/contracts';
import type {
  ChargeFacts,
  HistoryFacts,
  IdleQueueFacts,
  OrderFacts,
  QueueFacts,
  RequestFacts,
  ViewFacts,
} from '@orderflow/invariants';
import {
  catchUp,
  isSettled,
  type OrderView,
  unseenOrder,
  type Viewed,
} from '../../../apps/orders/src/domain/order-view.js';
import type { OrderEvent } from '../../../apps/orders/src/domain/order.js';
import type { Customer } from './customer.js';
import type { Charge } from './outside/provider.js';
import type { Rules } from './rules.js';
import type { Shop } from './shop.js';

/** All that is known of one order when nothing can happen any more. */
export function factsOf(shop: Shop, rules: Rules, orderId: string): OrderFacts {
  const history = historyOf(shop, orderId);
  const order = shop.orders.orders.rows.get(orderId);
  const payment = shop.payments.payments.rows.get(orderId);
  const charges = [...shop.provider.charges.values()].filter((charge) => charge.orderId === orderId);
  const reservation = shop.stock.reservations.rows.get(orderId);
  const notices = shop.notices.notices.rows.get(orderId);
  const calls = Object.entries(shop.services).flatMap(([name, { calls }]) =>
    [...calls.rows.rows.values()].some(({ subject }) => subject === orderId) ? [name as Service] : [],
  );
  const money = payment && 'money' in payment ? payment.money : undefined;
  return {
    orderId,
    lateAfterSeconds: 0,
    ...(history && { history }),
    ...(order && { snapshot: { ...order, cancelReason: order.status === 'cancelled' ? order.reason : null } }),
    view: viewOf(shop, rules, orderId),
    ...(reservation && { reservation }),
    ...(payment && {
      payment: { ...payment, amountMinor: money?.amountMinor ?? 0, currency: money?.currency ?? null },
    }),
    ...(notices && { notices }),
    ...(charges.length > 0 && { charges: chargesOf(charges.filter(({ isCaptured }) => isCaptured)) }),
    mailbox: Object.fromEntries([...(shop.mailbox.letters.get(orderId) ?? [])].map((template) => [template, 1])),
    calls,
  };
}

const chargesOf = (captured: readonly Charge[]): ChargeFacts => ({
  captures: captured.length,
  keptMinor: captured.reduce((sum, { amountMinor, refundedMinor }) => sum + amountMinor - refundedMinor, 0),
  currency: captured.length > 0 ? 'EUR' : null,
});

function historyOf({ orders }: Shop, orderId: string): HistoryFacts | undefined {
  const rows = [...orders.events.rows].filter(([, event]) => event.orderId === orderId);
  const versions = rows.map(([key]) => Number(key.slice(orderId.length + 1)));
  const lastVersion = Math.max(...versions);
  const last = orders.events.rows.get(`${orderId}/${lastVersion}`);
  if (last === undefined) return undefined;
  const placed = rows.map(([, event]) => event).find((event) => event.type === 'OrderPlaced');
  return {
    events: rows.length,
    firstVersion: Math.min(...versions),
    lastVersion,
    lastType: last.type,
    reason: reasonOf(last),
    placedMinor: placed?.data.totalMinor ?? null,
    // Nothing can happen any more: no order is too young to be settled.
    ageSeconds: Infinity,
  };
}

const reasonOf = (event: OrderEvent): string | null => (event.type === 'OrderCancelled' ? event.data.reason : null);

const isViewed = (event: Event): event is Event & Viewed => event.type !== 'ProductChanged';

/** The read model's view. A run without the read model applies the events of the log to an empty view. */
function viewOf({ hasViews, views }: Shop, rules: Rules, orderId: string): ViewFacts {
  const view: OrderView = hasViews
    ? (views.views.rows.get(orderId) ?? unseenOrder)
    : catchUp(unseenOrder, rules.logOf(orderId).filter(isViewed));
  const { status = null, cancelReason = null, stock, payment, sequences } = view;
  return { settled: isSettled(view), status, cancelReason, stock, payment, sequences };
}

/** What a customer was promised, and the order as orders has it. */
export function requestOf({ orders }: Shop, { orderId, placed, totalMinor, isCancelled }: Customer): RequestFacts {
  const order = orders.orders.rows.get(orderId);
  const isAnswered = placed === 'answered';
  return {
    key: orderId,
    accepted: isAnswered ? [orderId] : [],
    ...(isAnswered && { totalMinor }),
    cancelled: isCancelled,
    ...(order && { order }),
  };
}

export const queuesOf = ({ services }: Shop): (QueueFacts & IdleQueueFacts)[] =>
  Object.entries(services).map(([service, { outbox, parked, calls, deadlines }]) => ({
    service: service as Service,
    unsent: outbox.rows.rows.size,
    rejected: 0,
    parked: parked.rows.size,
    forgotten: 0,
    externalCalls: calls.rows.rows.size,
    deadlines: deadlines.rows.rows.size,
  }));
