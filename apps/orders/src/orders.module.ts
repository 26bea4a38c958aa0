import { join } from 'node:path';
import { type DynamicModule, Module } from '@nestjs/common';
import { DeadLettersModule } from '@orderflow/dead-letters';
import {
  connectionsOf,
  type ConsumerDefinition,
  Database,
  DurableModule,
  type ServiceDefinition,
} from '@orderflow/durable';
import { FieldEncrypter } from '@orderflow/encryption';
import { gaplessViewDecider, viewDecider } from '@orderflow/order-view';
import { loggerModule, PinoLogger } from '@orderflow/telemetry';
import { OrderHistory } from './adapters/order-history.js';
import { OrderRepository } from './adapters/order-repository.js';
import { OrderSnapshots } from './adapters/order-snapshots.js';
import { PrismaOrderReader } from './adapters/prisma-order-reader.js';
import { IntakeWatch } from './adapters/intake-watch.js';
import { measureOrders, observeSaga } from './adapters/saga-metrics.js';
import { ViewRepository } from './adapters/view-repository.js';
import type { Config } from './config.js';
import type { ViewTypes } from './domain/order-view-working-set.js';
import type { OrderTypes } from './domain/order-working-set.js';
import { Intake, type IntakeSettings } from './domain/intake.js';
import { OrderReader } from './domain/order-reader.js';
import { decide } from './domain/decide.js';
import { evolve } from './domain/evolve.js';
import { LiveOrders } from './http/live-orders.js';
import { OrderCommandsController } from './http/order-commands.controller.js';
import { OrderReadsController } from './http/order-reads.controller.js';
import { OrderSettings } from './http/order-settings.js';
import { PaymentTokens } from './http/payment-tokens.js';
import { takeBack } from './recovery.js';
import { effectsOf, onDeadline, reactions, viewReactions, written } from './saga.js';

const migrations = join(import.meta.dirname, '../../../prisma/orders/migrations');

@Module({})
export class OrdersModule {
  constructor(database: Database, log: PinoLogger) {
    measureOrders(database, (error) => log.warn({ error }, 'some metrics cannot be read'));
  }

  static with(config: Config): DynamicModule {
    const { PAYMENT_TOKEN_PUBLIC_KEY: publicKey, IDEMPOTENCY_SECRET: secret } = config;
    return {
      module: OrdersModule,
      imports: [
        loggerModule('orders', { requests: 'debug' }),
        DurableModule.forService({
          connections: connectionsOf(config, migrations),
          useFactory: () => definition(config),
        }),
        DeadLettersModule,
      ],
      controllers: [OrderCommandsController, OrderReadsController],
      providers: [
        LiveOrders,
        { provide: OrderReader, useFactory: () => new PrismaOrderReader(config.DATABASE_URL) },
        {
          provide: OrderSettings,
          useValue: new OrderSettings(config.PAYMENT_MAX_CHARGE_MINOR, config.IDEMPOTENCY_SECRET),
        },
        {
          provide: Intake,
          inject: [Database, PinoLogger],
          useFactory: (database: Database, log: PinoLogger) => new IntakeWatch(database, intakeSettings(config), log),
        },
        { provide: PaymentTokens, useFactory: () => new PaymentTokens(new FieldEncrypter(publicKey), secret) },
      ],
    };
  }
}

const intakeSettings = ({ ORDER_DEADLINE_SECONDS, INTAKE_PENDING_ORDERS }: Config): IntakeSettings => ({
  deadlineSeconds: ORDER_DEADLINE_SECONDS,
  freeOrders: INTAKE_PENDING_ORDERS,
});

const orderViews: ConsumerDefinition<ViewTypes> = {
  service: 'orders',
  consumer: 'orders.views',
  decider: viewDecider,
  repository: new ViewRepository(),
  reactions: viewReactions,
  inbox: false,
  observe: observeSaga,
  readModel: {
    table: 'order_views',
    key: 'order_id',
    versions: ['version', 'inventory_seq', 'payments_seq', 'notifications_seq'],
    since: 'placed_at',
    repository: (table) => new ViewRepository(table),
    decider: gaplessViewDecider,
  },
};

const definition = ({ ORDER_DEADLINE_SECONDS }: Config): ServiceDefinition<OrderTypes> => ({
  service: 'orders',
  consumer: 'orders',
  decider: { decide, evolve },
  repository: new OrderRepository(),
  reactions,
  effects: effectsOf(ORDER_DEADLINE_SECONDS),
  onDeadline,
  takeBack,
  keeps: [new OrderHistory(written)],
  snapshots: new OrderSnapshots(),
  projections: [orderViews],
});
