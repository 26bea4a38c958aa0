import { type Heard, isAfter, isSame } from '@orderflow/order-view';

/** A client that follows an order. */
export interface Listener {
  readonly orderId: string;
  /** The version vector of the view that it has; undefined where it has none yet. */
  readonly heard: Heard | undefined;
}

/** What decides whether a view is news to a listener. */
export interface ViewVersion {
  readonly heard: Heard;
  readonly settled: boolean;
}

/** Whether a listener is told a view. */
export function tells({ heard, settled }: ViewVersion, listener: Listener): boolean {
  if (listener.heard === undefined) return true;
  // A settled order has one last view, also for a listener whose vector is of a history that was lost in a disaster.
  if (settled) return !isSame(heard, listener.heard);
  // guard: orders: a stream tells a view once, and none that is older than another
  return isAfter(heard, listener.heard);
}
