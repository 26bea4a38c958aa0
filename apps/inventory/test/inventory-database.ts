import { beforeAll } from '@jest/globals';
import { Connection, Database, type Sql } from '@orderflow/durable';
import { handleBatch, TestDatabase } from '@orderflow/testing';
import { randomUUID } from 'node:crypto';
import { InventoryRepository } from '../src/adapters/inventory-repository.js';
import { PrismaProductReader } from '../src/adapters/prisma-product-reader.js';
import { decide } from '../src/domain/decide.js';
import { evolve } from '../src/domain/evolve.js';
import type { Inventory, InventoryCommand, Line, Reservation, Stock } from '../src/domain/inventory.js';

export const define = (sku: string, name = 'Tea'): InventoryCommand => ({
  type: 'DefineProduct',
  sku,
  name,
  priceMinor: 450,
  currency: 'EUR',
});
export const receive = (sku: string, quantity: number, deliveryId: string = randomUUID()): InventoryCommand => ({
  type: 'ReceiveDelivery',
  deliveryId,
  sku,
  quantity,
});
export const reserve = (orderId: string, ...lines: Line[]): InventoryCommand => ({
  type: 'ReserveStock',
  orderId,
  lines,
});
export const commit = (orderId: string): InventoryCommand => ({ type: 'CommitStock', orderId });
export const release = (orderId: string): InventoryCommand => ({ type: 'ReleaseStock', orderId });

export const orderIds = (count: number): string[] => Array.from({ length: count }, () => randomUUID());
export const one = (sku: string): Line => ({ sku, quantity: 1 });

/** The database of the inventory: two instances that handle commands, and the figures that they commit. */
export class InventoryDatabase {
  database!: Database;
  reader!: PrismaProductReader;
  private instances!: readonly [Connection, Connection];

  /** @param repository of both instances */
  constructor(private readonly repository = new InventoryRepository()) {
    const own = new TestDatabase('inventory');
    beforeAll(() => {
      this.database = own.ending(new Database(own.url, 'inventory test'));
      // One scans by index, the other in table order: only ORDER BY makes both lock in the same order.
      this.instances = [
        own.ending(new Connection(own.url, 'one', { enable_seqscan: 'off', enable_bitmapscan: 'off' })),
        own.ending(new Connection(own.url, 'two', { enable_indexscan: 'off', enable_bitmapscan: 'off' })),
      ];
      this.reader = new PrismaProductReader(own.url);
      own.beforeDrop(() => this.reader.onApplicationShutdown());
    });
  }

  /** Handles a batch in a transaction. @param beforeSave runs between load and save @returns the state after each command */
  async handle(commands: readonly InventoryCommand[], beforeSave?: () => Promise<unknown>): Promise<Inventory[]> {
    return this.transaction((sql) => this.handleIn(sql, commands, beforeSave));
  }

  /** As `handle`, by the other instance. */
  async handleByOther(commands: readonly InventoryCommand[]): Promise<Inventory[]> {
    return this.instances[1].transaction((sql) => this.handleIn(sql, commands));
  }

  async handleIn(
    sql: Sql,
    commands: readonly InventoryCommand[],
    beforeSave?: () => Promise<unknown>,
  ): Promise<Inventory[]> {
    return (await handleBatch(sql, { decide, evolve }, this.repository, commands, beforeSave)).states;
  }

  async transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    return this.instances[0].transaction(work);
  }

  /** Defines products, each with `onHand` in stock. */
  async products(count: number, onHand: number): Promise<string[]> {
    const skus = orderIds(count);
    await this.handle(skus.flatMap((sku) => [define(sku), receive(sku, onHand)]));
    return skus;
  }

  async product(onHand: number): Promise<string> {
    const [sku] = await this.products(1, onHand);
    return sku!;
  }

  async figuresOf(sku: string): Promise<Partial<Stock>> {
    const { onHand, reserved, committed } = (await this.reader.find(sku))!;
    return { onHand, reserved, committed };
  }

  async reservationOf(orderId: string): Promise<Reservation> {
    return this.transaction(async (sql) => {
      const workingSet = await this.repository.load(sql, [release(orderId)]);
      return workingSet.get(release(orderId)).reservation;
    });
  }
}
