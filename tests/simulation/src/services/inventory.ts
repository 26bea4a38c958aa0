import type { Repository, ServiceDefinition } from '@orderflow/durable';
import { decide } from '../../../../apps/inventory/src/domain/decide.js';
import { evolve } from '../../../../apps/inventory/src/domain/evolve.js';
import {
  type InventoryTypes,
  InventoryWorkingSet,
  orderOf,
  skusOf,
} from '../../../../apps/inventory/src/domain/inventory-working-set.js';
import {
  type InventoryCommand,
  noReservation,
  type Reservation,
  type Stock,
} from '../../../../apps/inventory/src/domain/inventory.js';
import { takeBack } from '../../../../apps/inventory/src/recovery.js';
import { effects, reactions } from '../../../../apps/inventory/src/saga.js';
import { Table, type Tx } from '../memory/database.js';
import { lockOrCreate, save } from './rows.js';

export class StockInMemory implements Repository<InventoryTypes, Tx> {
  readonly reservations = new Table<Reservation>('reservations');
  readonly stock = new Table<Stock>('stock');

  async load(tx: Tx, commands: readonly InventoryCommand[]): Promise<InventoryWorkingSet> {
    const reservations = await lockOrCreate(tx, this.reservations, commands.map(orderOf), noReservation);
    const byOrder = new Map(reservations.map((reservation) => [reservation.orderId, reservation]));
    const skus = commands.flatMap((command) => skusOf(command, byOrder.get(orderOf(command))));
    const stock = skus.length > 0 ? await tx.statement('lock stock', (view) => view.lock(this.stock, skus)) : [];
    return new InventoryWorkingSet({ reservations, stock, deliveries: [] });
  }

  async save(tx: Tx, loaded: InventoryWorkingSet): Promise<void> {
    const reservations = loaded.changedReservations().map((row) => [row.orderId, row] as const);
    const stock = loaded.changedStock().map((row) => [row.sku, row] as const);
    await Promise.all([save(tx, this.reservations, reservations), save(tx, this.stock, stock)]);
  }
}

export const inventory = (repository: StockInMemory): ServiceDefinition<InventoryTypes, Tx> => ({
  service: 'inventory',
  consumer: 'inventory',
  decider: { decide, evolve },
  repository,
  reactions,
  takeBack,
  effects,
});
