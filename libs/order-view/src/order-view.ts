import type { Envelope, EventBody, EventData, EventType, Service } from '@orderflow/contracts';
import { assertNever, BrokenRule, type Decider } from '@orderflow/decider';

/** The events that are about an order. */
export type ViewedType = Exclude<EventType, 'ProductChanged'>;

/** The part of an event that the view uses. */
export type Viewed = EventBody<ViewedType> & Pick<Envelope, 'source' | 'subject' | 'sequence' | 'time'>;

export type CancelReason = EventData['OrderCancelled']['reason'];
export type OrderStatus = 'placed' | 'confirmed' | 'cancelled';
export type StockStatus = 'pending' | 'reserved' | 'rejected' | 'committed' | 'released' | 'none';
export type PaymentStatus = 'pending' | 'captured' | 'declined' | 'voided' | 'refunded';

/** The read model of one order. Topics overtake each other: the fields of `OrderPlaced` may be missing for a while. */
export interface OrderView {
  readonly status?: OrderStatus;
  readonly cancelReason?: CancelReason;
  readonly customerId?: string;
  readonly placedAt?: Date;
  readonly stock: StockStatus;
  readonly payment: PaymentStatus;
  readonly updatedAt: Date;
  /** The last `sequence` of each source: the version of the order, the number of its mails. */
  readonly sequences: Readonly<Record<Service, number>>;
}

/** The view before the first event of an order. */
export const unseenOrder: OrderView = {
  stock: 'pending',
  payment: 'pending',
  updatedAt: new Date(0),
  sequences: { orders: 0, inventory: 0, payments: 0, notifications: 0 },
};

/** Events are their own commands. An event whose `sequence` was projected before is dropped. */
export const viewDecider: Decider<OrderView, Viewed, Viewed> = {
  decide: (event, view) => (isNew(event, view) ? [event] : []),
  evolve: project,
};

/** For a view that is folded from its first events on: a later one without its predecessor is refused, not taken for the first. */
export const gaplessViewDecider: typeof viewDecider = {
  ...viewDecider,
  decide(event, view) {
    if (event.sequence > view.sequences[event.source] + 1)
      throw new BrokenRule(`event ${event.sequence} of ${event.source} follows one that is missing`);
    return viewDecider.decide(event, view);
  },
};

/** @returns the view after more events; events that it contains are dropped */
export const catchUp = (view: OrderView, events: readonly Viewed[]): OrderView =>
  events.reduce((now, event) => (isNew(event, now) ? project(now, event) : now), view);

/** Is the order over, with no answer outstanding? A test compares this with `outstanding` of the saga table. */
export function isSettled({ status, stock, payment, sequences: { notifications: mails } }: OrderView): boolean {
  if (status === 'confirmed') return stock === 'committed' && payment === 'captured' && mails >= 1;
  if (status !== 'cancelled') return false;
  const isStockBack = stock === 'rejected' || stock === 'released' || stock === 'none';
  const isMoneyBack = payment === 'declined' || payment === 'voided' || payment === 'refunded';
  // A refund has a mail of its own.
  return isStockBack && isMoneyBack && mails >= (payment === 'refunded' ? 2 : 1);
}

// guard: orders: the view drops an event that it contains
const isNew = (event: Viewed, view: OrderView): boolean => event.sequence > view.sequences[event.source];

function project(view: OrderView, event: Viewed): OrderView {
  return {
    ...view,
    ...changeBy(event),
    updatedAt: new Date(Math.max(view.updatedAt.getTime(), Date.parse(event.time))),
    sequences: { ...view.sequences, [event.source]: event.sequence },
  };
}

function changeBy(event: Viewed): Partial<OrderView> {
  switch (event.type) {
    case 'OrderPlaced':
      return { status: 'placed', customerId: event.data.customerId, placedAt: new Date(event.time) };
    case 'OrderConfirmed':
      return { status: 'confirmed' };
    case 'OrderCancelled':
      return { status: 'cancelled', cancelReason: event.data.reason };
    case 'StockReserved':
      return { stock: 'reserved' };
    case 'StockRejected':
      return { stock: event.data.reason === 'order_cancelled' ? 'none' : 'rejected' };
    case 'StockCommitted':
      return { stock: 'committed' };
    case 'StockReleased':
      return { stock: 'released' };
    case 'PaymentCaptured':
      return { payment: 'captured' };
    case 'PaymentDeclined':
      return { payment: 'declined' };
    case 'PaymentVoided':
      return { payment: 'voided' };
    case 'PaymentRefunded':
      return { payment: 'refunded' };
    case 'NotificationSent':
    case 'NotificationFailed':
      return {};
    default:
      return assertNever(event);
  }
}
