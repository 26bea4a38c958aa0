import type { Mail, Template } from './notice.js';

/** Where a list goes on: after this mail. */
export interface Place {
  readonly orderId: string;
  readonly template: Template;
}

export interface NoticeQuery {
  readonly orderId?: string | undefined;
  readonly after?: Place | undefined;
  readonly limit: number;
}

/** One mail as it was last written. */
export type RecordedMail = Place & { readonly mail: Mail };

/** What can be asked about notifications; implemented on the database. */
export abstract class NoticeReader {
  /**
   * By order id, the highest first, an order's mails by template; at most `limit` mails.
   * @throws TransientError when the database does not answer
   */
  abstract list(query: NoticeQuery): Promise<RecordedMail[]>;
}
