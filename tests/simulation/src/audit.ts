import { isSettled } from '../../../apps/orders/src/domain/order-view.js';
import type { Rules } from './rules.js';
import type { Shop } from './shop.js';

/**
 * What must hold once nothing moves any more: the rules of `npm run audit`, over what is in memory.
 * @param isUndisturbed nothing went wrong on the way
 */
export function audit(shop: Shop, rules: Rules, isUndisturbed: boolean): void {
  const { services, customers, broker } = shop;
  for (const { orderId, placed, totalMinor } of customers) {
    if (placed !== 'answered') rules.violated('every request is answered');
    else auditOrder(shop, rules, orderId, totalMinor);
  }
  for (const [name, { outbox, parked, calls, deadlines }] of Object.entries(services)) {
    if (outbox.rows.rows.size > 0) rules.violated(`${name}: all that was said is sent`);
    if (parked.rows.size > 0) rules.violated(`${name}: nothing is parked for ever`);
    if (calls.rows.rows.size > 0) rules.violated(`${name}: every call has its answer`);
    if (deadlines.rows.rows.size > 0) rules.violated(`${name}: an order that is over has no deadline`);
  }
  for (const consumer of broker.consumers)
    if (consumer.lag > 0) rules.violated(`${consumer.subscription.groupId} has heard all that was said`);
  if (isUndisturbed && [...rules.copies.values()].some((copies) => copies > 1))
    rules.violated('where nothing goes wrong nothing is sent twice');
  rules.check();
}

function auditOrder(shop: Shop, rules: Rules, orderId: string, totalMinor: number): void {
  const order = shop.orders.orders.rows.get(orderId);
  const payment = shop.payments.payments.rows.get(orderId);
  const reservation = shop.stock.reservations.rows.get(orderId);
  if (order?.status !== 'confirmed' && order?.status !== 'cancelled') return rules.violated('every order is decided');
  const isConfirmed = order.status === 'confirmed';
  if (shop.provider.paidBy(orderId) !== (isConfirmed ? totalMinor : 0))
    rules.violated('captured less refunded is the total of a confirmed order, and nothing of a cancelled one');
  const money = isConfirmed ? ['captured'] : ['voided', 'declined', 'refunded'];
  if (!payment || !money.includes(payment.status)) rules.violated('payments has settled every order');
  const stock = isConfirmed ? ['committed'] : ['released', 'rejected', 'forbidden'];
  if (!reservation || !stock.includes(reservation.status)) rules.violated('inventory has settled every order');
  const mails = isConfirmed
    ? ['order-confirmed']
    : ['order-cancelled', ...(payment?.status === 'refunded' ? ['payment-refunded'] : [])];
  if (String([...(shop.mailbox.letters.get(orderId) ?? [])].sort()) !== String(mails))
    rules.violated('a customer gets one mail for each thing that there is to tell');
  if (shop.hasViews) auditView(shop, rules, orderId, order.status);
}

function auditView({ views }: Shop, rules: Rules, orderId: string, status: string): void {
  const view = views.views.rows.get(orderId);
  if (!view || view.status !== status || !isSettled(view)) rules.violated('the view of every order is settled');
}
