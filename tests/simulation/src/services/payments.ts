import type { Caller, Repository, ServiceDefinition } from '@orderflow/durable';
import { decide } from '../../../../apps/payments/src/domain/decide.js';
import { evolve } from '../../../../apps/payments/src/domain/evolve.js';
import {
  orderOf,
  type PaymentTypes,
  PaymentWorkingSet,
} from '../../../../apps/payments/src/domain/payment-working-set.js';
import { newPayment, type Payment, type PaymentCommand } from '../../../../apps/payments/src/domain/payment.js';
import { takeBack } from '../../../../apps/payments/src/recovery.js';
import { effects, reactions } from '../../../../apps/payments/src/saga.js';
import { Table, type Tx } from '../memory/database.js';
import { lockOrCreate, save } from './rows.js';

export class PaymentsInMemory implements Repository<PaymentTypes, Tx> {
  readonly payments = new Table<Payment>('payments');

  async load(tx: Tx, commands: readonly PaymentCommand[]): Promise<PaymentWorkingSet> {
    return new PaymentWorkingSet(await lockOrCreate(tx, this.payments, commands.map(orderOf), newPayment));
  }

  async save(tx: Tx, loaded: PaymentWorkingSet): Promise<void> {
    await save(tx, this.payments, loaded.changed());
  }
}

export const payments = (
  repository: PaymentsInMemory,
  callers: Record<'charge' | 'refund', Caller<PaymentCommand>>,
): ServiceDefinition<PaymentTypes, Tx> => ({
  service: 'payments',
  consumer: 'payments',
  decider: { decide, evolve },
  repository,
  reactions,
  takeBack,
  effects,
  callers,
});
