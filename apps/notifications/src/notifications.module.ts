import { join } from 'node:path';
import { type DynamicModule, Module } from '@nestjs/common';
import { DeadLettersModule } from '@orderflow/dead-letters';
import { connectionsOf, DurableModule, type ServiceDefinition } from '@orderflow/durable';
import { loggerModule } from '@orderflow/telemetry';
import { CONNECTIONS, Mailer } from './adapters/mailer.js';
import { NoticeRepository } from './adapters/notice-repository.js';
import { PrismaNoticeReader } from './adapters/prisma-notice-reader.js';
import type { Config } from './config.js';
import type { NoticeTypes } from './domain/notice-working-set.js';
import { decide } from './domain/decide.js';
import { evolve } from './domain/evolve.js';
import { NoticeReader } from './domain/notice-reader.js';
import { NotificationsController } from './http/notifications.controller.js';
import { effects, reactions } from './saga.js';

const migrations = join(import.meta.dirname, '../../../prisma/notifications/migrations');

@Module({})
export class NotificationsModule {
  static with(config: Config): DynamicModule {
    return {
      module: NotificationsModule,
      imports: [
        loggerModule('notifications', { requests: 'debug' }),
        DurableModule.forService({
          connections: connectionsOf(config, migrations),
          clients: [{ provide: Mailer, useFactory: () => new Mailer(config.SMTP_URL, config.MAIL_FROM) }],
          useFactory: definition,
        }),
        DeadLettersModule,
      ],
      controllers: [NotificationsController],
      providers: [{ provide: NoticeReader, useFactory: () => new PrismaNoticeReader(config.DATABASE_URL) }],
    };
  }
}

const definition = (mailer: Mailer): ServiceDefinition<NoticeTypes> => ({
  service: 'notifications',
  consumer: 'notifications',
  decider: { decide, evolve },
  repository: new NoticeRepository(),
  reactions,
  effects,
  callers: { mail: (call, signal) => mailer.mail(call, signal) },
  // As many as the mailer has connections: a call that waits for one would use up its lease.
  callsAtOnce: { mail: CONNECTIONS },
});
