import type { Event, EventType, Service } from '@orderflow/contracts';
import { isSettled, type OrderView, owedTo, unseenOrder, type Viewed, viewDecider } from '@orderflow/order-view';

/** An order as the lists show it: the fold of its events. Instants are of the broker's clock, but `view.updatedAt`. */
export interface Head {
  readonly view: OrderView;
  /** Types of its events, in the order in which they were appended. */
  readonly told: readonly EventType[];
  /** When each of them was appended. Not there for those of a head that was stored before it kept them. */
  readonly toldAt: readonly Date[];
  readonly totalMinor?: number;
  readonly currency?: string;
  readonly lineCount?: number;
  /** What payments captured and refunded, in minor units. Not there for a head that was stored before it kept them. */
  readonly capturedMinor?: number;
  readonly refundedMinor?: number;
  readonly placedAt?: Date;
  readonly decidedAt?: Date;
  readonly settledAt?: Date;
  readonly updatedAt: Date;
}

export const noHead: Head = {
  view: unseenOrder,
  told: [],
  toldAt: [],
  capturedMinor: 0,
  refundedMinor: 0,
  updatedAt: new Date(0),
};

/** An event that is about an order. */
export type OrderEvent = Extract<Event, Viewed>;

export const isOrderEvent = (event: Event): event is OrderEvent => event.type !== 'ProductChanged';

/**
 * The head after one more event.
 * @returns the same object for an event that it contains: the relay sent it again
 */
export function headAfter(head: Head, event: OrderEvent, appendedAt: Date): Head {
  if (viewDecider.decide(event, head.view).length === 0) return head;
  const view = viewDecider.evolve(head.view, event);
  const updatedAt = new Date(Math.max(head.updatedAt.getTime(), appendedAt.getTime()));
  // Of two topics the journal may have read the later record first.
  const index = head.told.findLastIndex((_, i) => !(head.toldAt[i] && head.toldAt[i] > appendedAt)) + 1;
  return {
    ...head,
    ...factsOf(event, appendedAt),
    ...moneyAfter(head, event),
    // The journal may have read the event that settled it before an earlier one of another topic.
    ...(!head.settledAt && isSettled(view) && { settledAt: updatedAt }),
    view,
    told: head.told.toSpliced(index, 0, event.type),
    toldAt: head.toldAt.toSpliced(index, 0, appendedAt),
    updatedAt,
  };
}

function factsOf(event: OrderEvent, appendedAt: Date): Partial<Head> {
  if (event.type === 'OrderConfirmed' || event.type === 'OrderCancelled') return { decidedAt: appendedAt };
  if (event.type !== 'OrderPlaced') return {};
  const { totalMinor, currency, lines } = event.data;
  return { totalMinor, currency, lineCount: lines.length, placedAt: appendedAt };
}

function moneyAfter({ capturedMinor, refundedMinor }: Head, event: OrderEvent): Partial<Head> {
  if (event.type === 'PaymentCaptured' && capturedMinor !== undefined)
    return { capturedMinor: capturedMinor + event.data.amountMinor };
  if (event.type === 'PaymentRefunded' && refundedMinor !== undefined)
    return { refundedMinor: refundedMinor + event.data.amountMinor };
  return {};
}

/** The service that owes the order its oldest answer; undefined once the order is over. */
export const waitsFor = ({ told }: Head): Service | undefined =>
  owedTo(told.map((type, index) => ({ id: String(index), type })))[0]?.service;
