import { join } from 'node:path';
import { type DynamicModule, Module } from '@nestjs/common';
import { DeadLettersModule } from '@orderflow/dead-letters';
import { connectionsOf, DurableModule, type ServiceDefinition } from '@orderflow/durable';
import { loggerModule } from '@orderflow/telemetry';
import { InventoryRepository } from './adapters/inventory-repository.js';
import { PrismaProductReader } from './adapters/prisma-product-reader.js';
import { ProductEvents } from './adapters/product-events.js';
import { ReservationEvents } from './adapters/reservation-events.js';
import type { Config } from './config.js';
import type { InventoryTypes } from './domain/inventory-working-set.js';
import { decide } from './domain/decide.js';
import { evolve } from './domain/evolve.js';
import { ProductReader } from './domain/product-reader.js';
import { ProductsController } from './http/products.controller.js';
import { takeBack } from './recovery.js';
import { effects, reactions } from './saga.js';

const migrations = join(import.meta.dirname, '../../../prisma/inventory/migrations');

@Module({})
export class InventoryModule {
  static with(config: Config): DynamicModule {
    return {
      module: InventoryModule,
      imports: [
        loggerModule('inventory', { requests: 'debug' }),
        DurableModule.forService({ connections: connectionsOf(config, migrations), useFactory: definition }),
        DeadLettersModule,
      ],
      controllers: [ProductsController],
      providers: [{ provide: ProductReader, useFactory: () => new PrismaProductReader(config.DATABASE_URL) }],
    };
  }
}

const definition = (): ServiceDefinition<InventoryTypes> => ({
  service: 'inventory',
  consumer: 'inventory',
  decider: { decide, evolve },
  repository: new InventoryRepository(),
  reactions,
  effects,
  takeBack,
  keeps: [new ProductEvents(), new ReservationEvents()],
});
