import { type DynamicModule, Module } from '@nestjs/common';
import { HealthModule } from '@orderflow/http';
import { loggerModule } from '@orderflow/telemetry';
import type { SandboxConfig } from './config.js';
import { Database } from './database.js';
import { FaultsController } from './faults/faults.controller.js';
import { Faults } from './faults/faults.js';
import { Mailbox } from './mail/mailbox.js';
import { MailsController } from './mail/mails.controller.js';
import { SmtpIntake } from './mail/smtp-intake.js';
import { Ledger } from './payments/ledger.js';
import { PaymentProvider } from './payments/payment-provider.js';
import { PaymentsController } from './payments/payments.controller.js';

/** A module of its own, so that the health module can import the database. */
@Module({})
class DatabaseModule {
  static with(url: string): DynamicModule {
    const database = { provide: Database, useFactory: () => new Database(url) };
    return { module: DatabaseModule, global: true, providers: [database], exports: [Database] };
  }
}

@Module({})
export class SandboxModule {
  static with(config: SandboxConfig): DynamicModule {
    const timing = { slowMs: config.SLOW_SECONDS * 1_000, silenceMs: config.SILENCE_SECONDS * 1_000 };
    const address = { host: config.HOST, port: config.SMTP_PORT };
    return {
      module: SandboxModule,
      imports: [
        // A log line per charge would be most of the work of this process.
        loggerModule('sandbox', { requests: 'debug' }),
        DatabaseModule.with(config.DATABASE_URL),
        HealthModule.register({
          inject: [Database],
          useFactory: (database: Database) => ({
            ready: [{ name: 'database', probe: () => database.ping() }],
          }),
        }),
      ],
      controllers: [PaymentsController, MailsController, FaultsController],
      providers: [
        Faults,
        Ledger,
        Mailbox,
        {
          provide: PaymentProvider,
          inject: [Ledger, Faults],
          useFactory: (ledger: Ledger, faults: Faults) =>
            new PaymentProvider(ledger, faults, timing, config.PAYMENT_PROVIDER_AMOUNTS),
        },
        {
          provide: SmtpIntake,
          inject: [Mailbox, Faults],
          useFactory: (mailbox: Mailbox, faults: Faults) => new SmtpIntake(mailbox, faults, address),
        },
      ],
    };
  }
}
