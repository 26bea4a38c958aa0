import type { Mail, Template } from './notice.js';

/** Position of a mail in the list. */
export interface Place {
  readonly orderId: string;
  readonly template: Template;
}

export interface NoticeQuery {
  readonly orderId?: string | undefined;
  readonly after?: Place | undefined;
  readonly limit: number;
}

/** One mail as last written. */
export type RecordedMail = Place & { readonly mail: Mail };

/** The token by which a controller gets its reader: http/ and adapters/ do not import each other. */
export const NoticeReader = Symbol('NoticeReader');

export interface NoticeReader {
  /**
   * Mails by order id, the highest first, and within an order by template; at most `limit`.
   * @throws TransientError when the database does not answer
   */
  list(query: NoticeQuery): Promise<RecordedMail[]>;
}
