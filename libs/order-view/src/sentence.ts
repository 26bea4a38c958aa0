import { cancelReasons } from './cancel-reasons.js';
import type { Owed } from './owed.js';
import { isSettled, type OrderView, type PaymentStatus, type StockStatus } from './order-view.js';

const stockOfCancelled: Record<StockStatus, string> = {
  pending: 'Inventory has not answered',
  reserved: 'Stock is still held',
  committed: 'Stock has left',
  released: 'Stock is back',
  rejected: 'No stock was held',
  none: 'No stock was held',
};

const moneyOfCancelled: Record<PaymentStatus, string> = {
  pending: 'payments has not answered',
  captured: 'the money is not back yet',
  declined: 'nothing was charged',
  voided: 'nothing was charged',
  refunded: 'the money was refunded',
};

/** The state of an order in a few words: the decision, its consequences, and the services that it waits for. */
export function sentenceOf(view: OrderView, owed: readonly Owed[]): string {
  return [decisionOf(view), consequencesOf(view), waitingOf(owed)].filter((part) => part !== '').join(' ');
}

function decisionOf({ status, cancelReason }: OrderView): string {
  if (status === undefined) return 'Its OrderPlaced was not read yet.';
  if (status === 'cancelled') return `Cancelled because ${cancelReasons[cancelReason ?? 'unknown']}.`;
  return status === 'placed' ? 'Placed.' : 'Confirmed.';
}

function consequencesOf(view: OrderView): string {
  const { status, stock, payment } = view;
  const told = isSettled(view) ? ', the customer was told' : '';
  if (status === 'cancelled') return `${stockOfCancelled[stock]}, ${moneyOfCancelled[payment]}${told}.`;
  if (status === 'confirmed')
    return `Paid${stock === 'committed' ? ', the stock has left' : ', the stock is reserved'}${told}.`;
  if (payment === 'captured') return 'Paid.';
  return stock === 'reserved' ? 'The stock is reserved.' : '';
}

function waitingOf(owed: readonly Owed[]): string {
  if (owed.length === 0) return '';
  const parts = owed.map(({ service, oneOf }) => `${service} (${oneOf.join(' or ')})`);
  const last = parts.pop()!;
  return `Waits for ${parts.length > 0 ? `${parts.join(', ')} and ${last}` : last}.`;
}
