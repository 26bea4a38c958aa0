import { assertNever } from '@orderflow/decider';
import type { Cause, Effect } from '@orderflow/durable';
import type { OrderDesk, OrderEvent } from '../domain/order.js';
import type { PriceListed } from '../domain/price-list.js';

/** What an event calls for: to be said to the others, and a time by which the order must be over. */
export const effectsOf =
  (deadlineSeconds: number) =>
  (event: OrderEvent | PriceListed, { order }: OrderDesk, cause: Cause): Effect[] => {
    if (event.type === 'PriceListed') return [];
    const { orderId, ...said } = event;
    const publish: Effect = { publish: said, subject: orderId, sequence: order.version };
    switch (event.type) {
      case 'OrderPlaced':
        return [publish, { deadline: { subject: orderId, at: addSeconds(cause.at, deadlineSeconds) } }];
      case 'OrderConfirmed':
        return [publish, { settledInTime: orderId }, { ending: 'confirmed', wantTrace: false }];
      case 'OrderCancelled':
        return [publish, { settledInTime: orderId }, { ending: event.data.reason, wantTrace: true }];
      default:
        return assertNever(event);
    }
  };

const addSeconds = (time: Date, seconds: number): Date => new Date(time.getTime() + seconds * 1000);
