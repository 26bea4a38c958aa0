import { UUID } from '@orderflow/http';

const ORDER_ID = new RegExp(`^${UUID}$`, 'i');

/** A subject as it may be stored: an order id is the same one in lower case, a SKU is not. */
export const spellingsOf = (subject: string): string[] =>
  ORDER_ID.test(subject) ? [subject, subject.toLowerCase()] : [subject];
