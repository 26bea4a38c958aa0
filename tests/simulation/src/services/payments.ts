import { StatesByKey } from '@orderflow/decider';
import { type Repository } from '@orderflow/durable';
import { decide } from '../../../../apps/payments/src/domain/decide.js';
import { evolve } from '../../../../apps/payments/src/domain/evolve.js';
import {
  newPayment,
  type Payment,
  type PaymentCommand,
  type PaymentEvent,
} from '../../../../apps/payments/src/domain/payment.js';
import { effects, reactions } from '../../../../apps/payments/src/saga.js';
import { Table } from '../memory/database.js';
import type { Tx } from '../memory/sessions.js';
import type { Provider } from '../outside/provider.js';
import type { Process } from '../scheduler.js';
import { lockOrCreate, save } from './rows.js';
import type { Options } from './options.js';

type Loaded = StatesByKey<Payment, PaymentCommand>;

export class PaymentsInMemory implements Repository<Payment, PaymentCommand, PaymentEvent, Loaded, Tx> {
  readonly payments = new Table<Payment>('payments');

  async load(tx: Tx, commands: readonly PaymentCommand[]): Promise<Loaded> {
    const ids = commands.map(({ orderId }) => orderId);
    const rows = await lockOrCreate(tx, this.payments, ids, newPayment);
    return new StatesByKey(new Map(rows.map((row) => [row.orderId, row])), ({ orderId }) => orderId, newPayment);
  }

  async save(tx: Tx, loaded: Loaded): Promise<void> {
    await save(tx, this.payments, loaded.changed());
  }
}

export const payments = (
  repository: PaymentsInMemory,
  provider: Provider,
  process: Process,
): Options<'payments', Payment, PaymentCommand, PaymentEvent, Loaded> => ({
  handling: { service: 'payments', consumer: 'payments', decider: { decide, evolve }, repository, effects },
  reactions,
  callers: {
    charge: (call, signal) => provider.charge(process, call, signal),
    refund: (call, signal) => provider.refund(process, call, signal),
  },
});
