import { type DynamicModule, Module } from '@nestjs/common';
import { DeadLettersModule } from '@orderflow/dead-letters';
import { connectionsOf, DurableModule, type ServiceOptions } from '@orderflow/durable';
import { loggerModule } from '@orderflow/telemetry';
import type { InventoryWorkingSet } from './domain/inventory-working-set.js';
import { InventoryRepository } from './adapters/inventory-repository.js';
import { PrismaProductReader } from './adapters/prisma-product-reader.js';
import type { Config } from './config.js';
import { decide } from './domain/decide.js';
import { evolve } from './domain/evolve.js';
import type { Inventory, InventoryCommand, InventoryEvent } from './domain/inventory.js';
import { ProductReader } from './domain/product-reader.js';
import { ProductsController } from './http/products.controller.js';
import { effects, reactions } from './saga.js';

@Module({})
export class InventoryModule {
  static with(config: Config): DynamicModule {
    return {
      module: InventoryModule,
      imports: [
        loggerModule('inventory', { requests: 'debug' }),
        DurableModule.forService({ useFactory: () => serviceOptions(config) }),
        DeadLettersModule,
      ],
      controllers: [ProductsController],
      providers: [{ provide: ProductReader, useFactory: () => new PrismaProductReader(config.DATABASE_URL) }],
    };
  }
}

type Options = ServiceOptions<'inventory', Inventory, InventoryCommand, InventoryEvent, InventoryWorkingSet>;

const serviceOptions = (config: Config): Options => ({
  connections: connectionsOf(config),
  handling: {
    service: 'inventory',
    consumer: 'inventory',
    decider: { decide, evolve },
    repository: new InventoryRepository(),
    effects,
  },
  reactions,
});
