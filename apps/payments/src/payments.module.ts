import { type DynamicModule, Module } from '@nestjs/common';
import { DeadLettersModule } from '@orderflow/dead-letters';
import { connectionsOf, DurableModule, type ServiceOptions } from '@orderflow/durable';
import { loggerModule } from '@orderflow/telemetry';
import { PaymentProvider } from './adapters/payment-provider.js';
import { PaymentRepository, type Payments } from './adapters/payment-repository.js';
import { PrismaPaymentReader } from './adapters/prisma-payment-reader.js';
import type { Config } from './config.js';
import { decide } from './domain/decide.js';
import { evolve } from './domain/evolve.js';
import { PaymentReader } from './domain/payment-reader.js';
import type { Payment, PaymentCommand, PaymentEvent } from './domain/payment.js';
import { PaymentsController } from './http/payments.controller.js';
import { effects, reactions } from './saga.js';

/** Apart, since it is the durable module that makes the outside calls. */
@Module({})
class ProviderModule {
  static with({ PAYMENT_PROVIDER_URL, PAYMENT_PROVIDER_TIMEOUT_MS }: Config): DynamicModule {
    const provider = {
      provide: PaymentProvider,
      useFactory: () => new PaymentProvider(PAYMENT_PROVIDER_URL, PAYMENT_PROVIDER_TIMEOUT_MS),
    };
    return { module: ProviderModule, providers: [provider], exports: [PaymentProvider] };
  }
}

@Module({})
export class PaymentsModule {
  static with(config: Config): DynamicModule {
    return {
      module: PaymentsModule,
      imports: [
        loggerModule('payments', { requests: 'debug' }),
        DurableModule.forService({
          imports: [ProviderModule.with(config)],
          inject: [PaymentProvider],
          useFactory: (provider: PaymentProvider) => serviceOptions(config, provider),
        }),
        DeadLettersModule,
      ],
      controllers: [PaymentsController],
      providers: [{ provide: PaymentReader, useFactory: () => new PrismaPaymentReader(config.DATABASE_URL) }],
    };
  }
}

type Options = ServiceOptions<'payments', Payment, PaymentCommand, PaymentEvent, Payments>;

const serviceOptions = (config: Config, provider: PaymentProvider): Options => ({
  connections: connectionsOf(config),
  handling: {
    service: 'payments',
    consumer: 'payments',
    decider: { decide, evolve },
    repository: new PaymentRepository(),
    effects,
  },
  reactions,
  callers: {
    charge: (call, signal) => provider.charge(call, signal),
    refund: (call, signal) => provider.refund(call, signal),
  },
});
