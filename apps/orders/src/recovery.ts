import type { TakeBack } from '@orderflow/decider';
import { pricedLine } from '@orderflow/order-view';
import type { OrderTypes } from './domain/order-working-set.js';
import type { OrderEvent } from './domain/order.js';

/** Each event is a version of its order: the events of `orders.events` are the history, and the snapshot follows from it. */
export const takeBack: TakeBack<OrderTypes> = {
  commandOf: ({ subject }) => ({ type: 'RequestCancel', orderId: subject }),
  sequenceOf: (_event, { order }) => order.version,
  eventsOf(event) {
    const { type, subject: orderId } = event;
    const data = type === 'OrderPlaced' ? { ...event.data, lines: event.data.lines.map(pricedLine) } : event.data;
    return [{ type, data, orderId } as OrderEvent];
  },
};
