import type { EventData, Published } from '@orderflow/contracts';

export const templates = ['order-cancelled', 'order-confirmed', 'payment-refunded'] as const;
export type Template = (typeof templates)[number];

export interface Money {
  /** Minor units. */
  readonly amountMinor: number;
  /** ISO 4217 */
  readonly currency: string;
}

export type CancelReason = EventData['OrderCancelled']['reason'];

/** Template and facts of a mail. */
export type MailContent =
  | { readonly template: 'order-confirmed'; readonly facts: Money }
  | { readonly template: 'order-cancelled'; readonly facts: { readonly reason: CancelReason } }
  | { readonly template: 'payment-refunded'; readonly facts: Money };

/** Content and recipient: the request to the mailer. */
export type MailRequest = MailContent & { readonly to: string };

/** Status of a mail; `at` is an ISO 8601 UTC instant. */
export type Mail = { readonly at: string } & (
  | { readonly status: 'requested' }
  | { readonly status: 'sent'; readonly messageId: string }
  | { readonly status: 'failed'; readonly reason: string }
);

/** The mails of one order. */
export interface Notices {
  readonly orderId: string;
  /** Number of events published about this order. */
  readonly sequence: number;
  /** Unknown until the order is over. */
  readonly recipient: string | undefined;
  /** A refund that arrived before the recipient was known. */
  readonly refund: Money | undefined;
  /** At most one mail per template. */
  readonly mails: Readonly<Partial<Record<Template, Mail>>>;
}

/** `at`: business time, an ISO 8601 UTC instant. */
export type NoticeCommand = { readonly orderId: string; readonly at: string } & (
  | { readonly type: 'NotifyConfirmed'; readonly email: string; readonly total: Money }
  | { readonly type: 'NotifyCancelled'; readonly email: string; readonly reason: CancelReason }
  | { readonly type: 'NotifyRefunded'; readonly refund: Money }
  | { readonly type: 'RecordAccepted'; readonly template: Template; readonly messageId: string }
  | { readonly type: 'RecordRefused'; readonly template: Template; readonly reason: string }
);

/** Events that are published, and internal ones. */
export type NoticeEvent =
  | (Published<'notifications'> & { readonly data: { readonly template: Template }; readonly at: string })
  | { readonly type: 'RefundNoted'; readonly data: Money }
  /** The mail of the cancellation was taken back after a restore, without its recipient. */
  | { readonly type: 'RecipientNoted'; readonly data: { readonly to: string } }
  | { readonly type: 'MailRequested'; readonly data: MailRequest; readonly at: string };

/** The state before the first event of an order. */
export const noNotices = (orderId: string): Notices => ({
  orderId,
  sequence: 0,
  recipient: undefined,
  refund: undefined,
  mails: {},
});
