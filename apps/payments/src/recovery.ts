import type { TakeBack } from '@orderflow/decider';
import type { PaymentTypes } from './domain/payment-working-set.js';
import type { PaymentEvent } from './domain/payment.js';

/** What the provider did stands in the published events; the requests before them are internal. */
export const takeBack: TakeBack<PaymentTypes> = {
  commandOf: ({ subject }) => ({ type: 'NoteReserved', orderId: subject }),
  sequenceOf: (_event, { sequence }) => sequence,
  eventsOf({ causationId, type, data }, payment) {
    const event = { type, data } as PaymentEvent;
    // The cancellation was consumed before the restored point and does not come again: the refund is requested here.
    if (event.type === 'PaymentCaptured' && payment.status === 'cancelling')
      return [event, { type: 'RefundRequested', data: event.data, cancelledBy: payment.cancelledBy }];
    if (event.type !== 'PaymentRefunded' || payment.status !== 'captured') return [event];
    const { chargeId, money } = payment;
    return [{ type: 'RefundRequested', data: { chargeId, ...money }, cancelledBy: causationId }, event];
  },
  // An order that was reserved may have been charged. If its cancellation is consumed first, it is voided without a look at the provider.
  decidedFirst: ['StockReserved'],
};
