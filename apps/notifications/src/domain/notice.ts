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

/** What a mail says. */
export type MailContent =
  | { readonly template: 'order-confirmed'; readonly facts: Money }
  | { readonly template: 'order-cancelled'; readonly facts: { readonly reason: CancelReason } }
  | { readonly template: 'payment-refunded'; readonly facts: Money };

/** A content with its address: what the mailer is asked for. */
export type MailRequest = MailContent & { readonly to: string };

/** How far a mail has come; `at` is an ISO 8601 UTC instant. */
export type Mail = { readonly at: string } & (
  | { readonly status: 'requested' }
  | { readonly status: 'sent'; readonly messageId: string }
  | { readonly status: 'failed'; readonly reason: string }
);

/** What the customer of one order is told. */
export interface Notices {
  readonly orderId: string;
  /** How many events about this order were published. */
  readonly sequence: number;
  /** Not known before the order is over. */
  readonly recipient: string | undefined;
  /** A refund that was heard of before its recipient. */
  readonly refund: Money | undefined;
  /** One mail per template, for ever. */
  readonly mails: Readonly<Partial<Record<Template, Mail>>>;
}

/** `at`: when it happened, an ISO 8601 UTC instant. */
export type NoticeCommand = { readonly orderId: string; readonly at: string } & (
  | { readonly type: 'TellConfirmed'; readonly email: string; readonly total: Money }
  | { readonly type: 'TellCancelled'; readonly email: string; readonly reason: CancelReason }
  | { readonly type: 'TellRefunded'; readonly refund: Money }
  | { readonly type: 'RecordAccepted'; readonly template: Template; readonly messageId: string }
  | { readonly type: 'RecordRefused'; readonly template: Template; readonly reason: string }
);

/** What notifications says, and what it only remembers. */
export type NoticeEvent =
  | (Published<'notifications'> & { readonly data: { readonly template: Template }; readonly at: string })
  | { readonly type: 'RefundNoted'; readonly data: Money }
  | { readonly type: 'MailRequested'; readonly data: MailRequest; readonly at: string };

/** An order that nothing is known of yet. */
export const noNotices = (orderId: string): Notices => ({
  orderId,
  sequence: 0,
  recipient: undefined,
  refund: undefined,
  mails: {},
});
