import type { OrderRow, Trouble } from '@orderflow/console-api';
import type { IconName } from '../ui/icons.js';
import type { Tone } from '../ui/parts.js';

/** What one service knows of an order, as a word with a colour. */
export interface Fact {
  readonly word: string;
  readonly tone: Tone;
  readonly icon: IconName;
}

const fact = (word: string, tone: Tone, icon: IconName): Fact => ({ word, tone, icon });

const statusFacts: Record<NonNullable<OrderRow['status']>, Fact> = {
  placed: fact('placed', 'open', 'dots'),
  confirmed: fact('confirmed', 'good', 'check'),
  cancelled: fact('cancelled', 'no', 'cross'),
};

export const statusFact = (status: OrderRow['status'] | undefined): Fact =>
  status === null || status === undefined ? fact('not read yet', 'open', 'dots') : statusFacts[status];

export const stockFacts: Record<OrderRow['stock'], Fact> = {
  pending: fact('not answered', 'open', 'dots'),
  reserved: fact('held', 'open', 'dots'),
  rejected: fact('missing', 'no', 'cross'),
  committed: fact('sold', 'good', 'check'),
  released: fact('back', 'plain', 'undo'),
  none: fact('never held', 'plain', 'check'),
};

export const moneyFacts: Record<OrderRow['payment'], Fact> = {
  pending: fact('not answered', 'open', 'dots'),
  captured: fact('charged', 'good', 'check'),
  declined: fact('declined', 'no', 'cross'),
  voided: fact('never charged', 'plain', 'check'),
  refunded: fact('refunded', 'plain', 'undo'),
};

export const mailFact = (mails: number): Fact =>
  mails === 0 ? fact('none yet', 'open', 'dots') : fact(mails === 1 ? '1 mail' : `${mails} mails`, 'good', 'check');

export const reasonWords: Record<NonNullable<OrderRow['cancelReason']>, string> = {
  out_of_stock: 'out of stock',
  payment_declined: 'payment declined',
  customer_request: 'by the customer',
  timed_out: 'deadline passed',
  unknown: 'reason unknown',
};

export const troubleWords: Record<Trouble, string> = {
  any: 'any trouble',
  overdue: 'overdue',
  parked: 'parked',
  dead: 'waits for a person',
};
