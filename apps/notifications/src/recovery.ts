import type { TakeBack } from '@orderflow/decider';
import type { NoticeTypes } from './domain/notice-working-set.js';
import type { NoticeEvent } from './domain/notice.js';

/** A mail that was sent is never sent again. */
export const takeBack: TakeBack<NoticeTypes> = {
  commandOf: ({ subject, time }) => ({
    type: 'NotifyRefunded',
    orderId: subject,
    at: time,
    refund: { amountMinor: 0, currency: '' },
  }),
  sequenceOf: (_event, { sequence }) => sequence,
  eventsOf: ({ type, data, time }) => [{ type, data, at: time } as NoticeEvent],
};
