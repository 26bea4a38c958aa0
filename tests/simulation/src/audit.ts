import type { Event, Service } from '@orderflow/contracts';
import {
  type ChargeFacts,
  type HistoryFacts,
  type IdleQueueFacts,
  idleQueueRules,
  type OrderFacts,
  orderRules,
  type QueueFacts,
  queueRules,
  type RequestFacts,
  requestRules,
  type ViewFacts,
} from '@orderflow/invariants';
import { catchUp, isSettled, type OrderView, unseenOrder, type Viewed } from '@orderflow/order-view';
import type { OrderEvent } from '../../../apps/orders/src/domain/order.js';
import type { Customer } from './customer.js';
import type { Charge } from './external.js';
import type { SimulatedSystem } from './simulated-system.js';

/**
 * Checks the invariants of a system in which nothing is left to do.
 * @param hasNoFaults whether the run was without faults
 */
export function audit(system: SimulatedSystem, hasNoFaults: boolean): void {
  const { broker, customers, rules } = system;
  const requests = customers.map((customer) => requestOf(system, customer));
  const orders = customers.map(({ orderId }) => factsOf(system, orderId));
  rules.require(requestRules, requests);
  rules.require(orderRules, orders);
  const queues = queuesOf(system);
  rules.require(queueRules, queues);
  rules.require(idleQueueRules, queues);
  for (const consumer of broker.consumers)
    if (consumer.lag > 0) rules.violated(`${consumer.subscription.groupId} has consumed all published events`);
  if (hasNoFaults && [...rules.copies.values()].some((copies) => copies > 1))
    rules.violated('a run without faults publishes no event twice');
  if (hasNoFaults && system.mailbox.copies > 0) rules.violated('a run without faults sends no mail twice');
  rules.check();
}

/** The facts of one order once nothing is left to do. */
function factsOf(system: SimulatedSystem, orderId: string): OrderFacts {
  const history = historyOf(system, orderId);
  const order = system.orders.orders.get(orderId);
  const payment = system.payments.payments.get(orderId);
  const charges = [...system.provider.charges.values()].filter((charge) => charge.orderId === orderId);
  const reservation = system.stock.reservations.get(orderId);
  const notices = system.notices.notices.get(orderId);
  const calls = Object.entries(system.services).flatMap(([name, { calls }]) =>
    calls.rows.some(({ subject }) => subject === orderId) ? [name as Service] : [],
  );
  const money = payment && 'money' in payment ? payment.money : undefined;
  return {
    orderId,
    lateAfterSeconds: 0,
    ...(history && { history }),
    ...(order && { snapshot: { ...order, cancelReason: order.status === 'cancelled' ? order.reason : null } }),
    view: viewOf(system, orderId),
    ...(reservation && { reservation }),
    ...(payment && {
      payment: { ...payment, amountMinor: money?.amountMinor ?? 0, currency: money?.currency ?? null },
    }),
    ...(notices && { notices }),
    ...(charges.length > 0 && { charges: chargesOf(charges.filter(({ isCaptured }) => isCaptured)) }),
    mailbox: Object.fromEntries([...(system.mailbox.mails.get(orderId) ?? [])].map((template) => [template, 1])),
    calls,
  };
}

const chargesOf = (captured: readonly Charge[]): ChargeFacts => ({
  captures: captured.length,
  keptMinor: captured.reduce((sum, { amountMinor, refundedMinor }) => sum + amountMinor - refundedMinor, 0),
  currency: captured.length > 0 ? 'EUR' : null,
});

function historyOf({ orders }: SimulatedSystem, orderId: string): HistoryFacts | undefined {
  const rows = [...orders.events].filter(([, event]) => event.orderId === orderId);
  const versions = rows.map(([key]) => Number(key.slice(orderId.length + 1)));
  const lastVersion = Math.max(...versions);
  const last = orders.events.get(`${orderId}/${lastVersion}`);
  if (last === undefined) return undefined;
  const placed = rows.map(([, event]) => event).find((event) => event.type === 'OrderPlaced');
  return {
    events: rows.length,
    firstVersion: Math.min(...versions),
    lastVersion,
    lastType: last.type,
    reason: reasonOf(last),
    placedMinor: placed?.data.totalMinor ?? null,
    // Nothing is left to do: no order is too young to be settled.
    ageSeconds: Infinity,
  };
}

const reasonOf = (event: OrderEvent): string | null => (event.type === 'OrderCancelled' ? event.data.reason : null);

const isViewed = (event: Event): event is Event & Viewed => event.type !== 'ProductChanged';

/** The read model's view. A run without the read model applies the events of the log to an empty view. */
function viewOf({ plan, rules, views }: SimulatedSystem, orderId: string): ViewFacts {
  const view: OrderView = plan.hasViews
    ? (views.views.get(orderId) ?? unseenOrder)
    : catchUp(unseenOrder, rules.logOf(orderId).filter(isViewed));
  const { status = null, cancelReason = null, stock, payment, sequences } = view;
  return { settled: isSettled(view), status, cancelReason, stock, payment, sequences };
}

/** The answers that a customer got, and the order as `orders` stores it. */
function requestOf({ orders }: SimulatedSystem, { orderId, placed, totalMinor, isCancelled }: Customer): RequestFacts {
  const order = orders.orders.get(orderId);
  const isAnswered = placed === 'answered';
  return {
    key: orderId,
    accepted: isAnswered ? [orderId] : [],
    ...(isAnswered && { totalMinor }),
    cancelled: isCancelled,
    ...(order && { order }),
  };
}

const queuesOf = ({ services }: SimulatedSystem): (QueueFacts & IdleQueueFacts)[] =>
  Object.entries(services).map(([service, { outbox, parked, calls, deadlines }]) => ({
    service: service as Service,
    unsent: outbox.rows.size,
    rejected: 0,
    parked: parked.size,
    forgotten: 0,
    externalCalls: calls.rows.size,
    deadlines: deadlines.rows.size,
  }));
