import type { Money, Notices } from '../domain/notice.js';

/** One row of `notices`. */
export interface NoticeRow {
  orderId: string;
  sequence: number;
  recipient: string | null;
  refund: Money | null;
  mails: Notices['mails'];
}

export const noticesOf = ({ recipient, refund, ...same }: NoticeRow): Notices => ({
  ...same,
  recipient: recipient ?? undefined,
  refund: refund ?? undefined,
});

export const rowOf = ({ recipient, refund, ...same }: Notices): NoticeRow => ({
  ...same,
  recipient: recipient ?? null,
  refund: refund ?? null,
});
