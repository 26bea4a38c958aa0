import { type ServiceTypes, StatesByKey } from '@orderflow/decider';
import { newPayment, type Payment, type PaymentCommand, type PaymentEvent } from './payment.js';

export type PaymentTypes = ServiceTypes<'payments', Payment, PaymentCommand, PaymentEvent, PaymentWorkingSet>;

export const orderOf = (command: PaymentCommand): string => command.orderId;

/** The payments of a batch, by order. */
export class PaymentWorkingSet extends StatesByKey<Payment, PaymentCommand> {
  constructor(loaded: readonly Payment[]) {
    super(new Map(loaded.map((payment) => [payment.orderId, payment])), orderOf, newPayment);
  }
}
