import { join } from 'node:path';
import { type DynamicModule, Module } from '@nestjs/common';
import { DeadLettersModule } from '@orderflow/dead-letters';
import { connectionsOf, DurableModule, EventColumn, type ServiceDefinition } from '@orderflow/durable';
import { FieldDecrypter } from '@orderflow/encryption';
import { loggerModule } from '@orderflow/telemetry';
import { PaymentProvider } from './adapters/payment-provider.js';
import { PaymentRepository } from './adapters/payment-repository.js';
import { PaymentTokens } from './adapters/payment-tokens.js';
import { PrismaPaymentReader } from './adapters/prisma-payment-reader.js';
import type { Config } from './config.js';
import type { PaymentTypes } from './domain/payment-working-set.js';
import { decide } from './domain/decide.js';
import { evolve } from './domain/evolve.js';
import { PaymentReader } from './domain/payment-reader.js';
import { PaymentsController } from './http/payments.controller.js';
import { takeBack } from './recovery.js';
import { effects, reactions, settlements } from './saga.js';

const migrations = join(import.meta.dirname, '../../../prisma/payments/migrations');

@Module({})
export class PaymentsModule {
  static with(config: Config): DynamicModule {
    const { PAYMENT_PROVIDER_URL: url, PAYMENT_PROVIDER_TIMEOUT_MS: timeoutMs } = config;
    const { PAYMENT_PROVIDER_AMOUNTS: amounts } = config;
    return {
      module: PaymentsModule,
      imports: [
        loggerModule('payments', { requests: 'debug' }),
        DurableModule.forService({
          connections: connectionsOf(config, migrations),
          clients: [{ provide: PaymentProvider, useFactory: () => new PaymentProvider(url, timeoutMs, amounts) }],
          useFactory: (provider: PaymentProvider) =>
            definition(provider, new PaymentTokens(new FieldDecrypter(config.PAYMENT_TOKEN_PRIVATE_KEYS), provider)),
        }),
        DeadLettersModule,
      ],
      controllers: [PaymentsController],
      providers: [{ provide: PaymentReader, useFactory: () => new PrismaPaymentReader(config.DATABASE_URL) }],
    };
  }
}

const definition = (provider: PaymentProvider, tokens: PaymentTokens): ServiceDefinition<PaymentTypes> => ({
  service: 'payments',
  consumer: 'payments',
  decider: { decide, evolve },
  repository: new PaymentRepository(),
  reactions: {
    ...reactions,
    OrderPlaced: (event) => {
      tokens.demandKey(event.data.paymentToken);
      return reactions.OrderPlaced(event);
    },
  },
  effects,
  takeBack,
  keeps: [new EventColumn('payments')],
  callers: {
    charge: (call, signal) => tokens.charge(call, signal),
    refund: (call, signal) => provider.refund(call, signal),
  },
  settlements,
  confidential: { charge: ['token'] },
});
