import { type ServiceTypes, StatesByKey } from '@orderflow/decider';
import { type OrderView, unseenOrder, type Viewed } from '@orderflow/order-view';

export type ViewTypes = ServiceTypes<'orders', OrderView, Viewed, Viewed, ViewWorkingSet>;

export const orderOf = ({ subject }: Viewed): string => subject;

/** The views of a batch, by order; `found` are those that have a row. */
export class ViewWorkingSet extends StatesByKey<OrderView, Viewed> {
  constructor(readonly found: ReadonlyMap<string, OrderView>) {
    super(found, orderOf, () => unseenOrder);
  }

  /** The changed views: those without a row, and those with one. */
  toSave(): { fresh: [orderId: string, view: OrderView][]; known: [orderId: string, view: OrderView][] } {
    const changed = this.changed();
    return {
      fresh: changed.filter(([orderId]) => !this.found.has(orderId)),
      known: changed.filter(([orderId]) => this.found.has(orderId)),
    };
  }
}
