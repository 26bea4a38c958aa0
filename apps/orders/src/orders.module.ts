import { type DynamicModule, Module } from '@nestjs/common';
import { DeadLettersModule } from '@orderflow/dead-letters';
import { connectionsOf, Database, DurableModule, projection, type ServiceOptions } from '@orderflow/durable';
import { loggerModule, PinoLogger } from '@orderflow/telemetry';
import type { OrderWorkingSet } from './domain/order-working-set.js';
import { OrderRepository } from './adapters/order-repository.js';
import { PrismaOrderReader } from './adapters/prisma-order-reader.js';
import { openReadClient } from './adapters/read-client.js';
import { measureOrders, observeSaga } from './adapters/saga-metrics.js';
import { ViewRepository } from './adapters/view-repository.js';
import type { Config } from './config.js';
import { decide } from './domain/decide.js';
import { evolve } from './domain/evolve.js';
import { OrderReader } from './domain/order-reader.js';
import { viewDecider } from './domain/order-view.js';
import type { OrderCommand, OrderContext, OrderEvent } from './domain/order.js';
import type { PriceListed } from './domain/price-list.js';
import { OrderCommandsController } from './http/order-commands.controller.js';
import { OrderReadsController } from './http/order-reads.controller.js';
import { effectsOf, onDeadline, reactions, viewReactions } from './saga.js';

@Module({})
export class OrdersModule {
  constructor(database: Database, log: PinoLogger) {
    measureOrders(database, (error) => log.warn({ error }, 'some metrics cannot be read'));
  }

  static with(config: Config): DynamicModule {
    return {
      module: OrdersModule,
      imports: [
        loggerModule('orders', { requests: 'debug' }),
        DurableModule.forService({ useFactory: () => serviceOptions(config) }),
        DeadLettersModule,
      ],
      controllers: [OrderCommandsController, OrderReadsController],
      providers: [
        { provide: OrderReader, useFactory: () => new PrismaOrderReader(openReadClient(config.DATABASE_URL)) },
      ],
    };
  }
}

type Options = ServiceOptions<'orders', OrderContext, OrderCommand, OrderEvent | PriceListed, OrderWorkingSet>;

const serviceOptions = (config: Config): Options => ({
  connections: connectionsOf(config),
  handling: {
    service: 'orders',
    consumer: 'orders',
    decider: { decide, evolve },
    repository: new OrderRepository(),
    effects: effectsOf(config.ORDER_DEADLINE_SECONDS),
  },
  reactions,
  onDeadline,
  projections: [orderViews],
});

const orderViews = projection(
  {
    service: 'orders',
    consumer: 'orders.views',
    decider: viewDecider,
    repository: new ViewRepository(),
    observe: observeSaga,
  },
  viewReactions,
);
