import { catchUp, type OrderView, unseenOrder, type Viewed } from '@orderflow/order-view';

/** An order as it was at an instant of orders' clock. */
export interface ViewAt {
  readonly view: OrderView;
  /**
   * Whether the view has the events of the other services too. Orders keeps what they have led to, not when: it knows their
   * part only for instants from the newest event on that it has consumed.
   */
  readonly complete: boolean;
}

/**
 * @param own all events of the order at orders, in their order
 * @param now the view of the order after all events that orders has consumed
 * @returns undefined for an instant before the order was placed
 */
export function viewAt(own: readonly Viewed[], now: OrderView, at: Date): ViewAt | undefined {
  // Up to the first later one: of two instances whose clocks differ the second event may be stamped before the first.
  const later = own.findIndex(({ time }) => Date.parse(time) > at.getTime());
  const told = later === -1 ? own : own.slice(0, later);
  if (told.length === 0) return undefined;
  const complete = later === -1 && now.updatedAt <= at;
  return { view: complete ? now : catchUp(unseenOrder, told), complete };
}
