import { join } from 'node:path';
import { type DynamicModule, Module } from '@nestjs/common';
import { DeadLettersModule } from '@orderflow/dead-letters';
import { connectionsOf, DurableModule, EventColumn, type ServiceDefinition } from '@orderflow/durable';
import { loggerModule } from '@orderflow/telemetry';
import { Mailer, type MailerSettings } from './adapters/mailer.js';
import { NoticeRepository } from './adapters/notice-repository.js';
import { PrismaNoticeReader } from './adapters/prisma-notice-reader.js';
import type { Config } from './config.js';
import type { NoticeTypes } from './domain/notice-working-set.js';
import { decide } from './domain/decide.js';
import { evolve } from './domain/evolve.js';
import { NoticeReader } from './domain/notice-reader.js';
import { NotificationsController } from './http/notifications.controller.js';
import { takeBack } from './recovery.js';
import { effects, reactions, settlements } from './saga.js';

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
          clients: [{ provide: Mailer, useFactory: () => new Mailer(mailerSettings(config)) }],
          useFactory: (mailer: Mailer) => definition(mailer, config.MAIL_CONNECTIONS),
        }),
        DeadLettersModule,
      ],
      controllers: [NotificationsController],
      providers: [{ provide: NoticeReader, useFactory: () => new PrismaNoticeReader(config.DATABASE_URL) }],
    };
  }
}

const mailerSettings = (config: Config): MailerSettings => ({
  url: config.SMTP_URL,
  from: config.MAIL_FROM,
  retryMs: config.MAIL_RETRY_SECONDS * 1_000,
  operatorMs: config.MAIL_OPERATOR_SECONDS * 1_000,
  giveUpMs: config.MAIL_GIVE_UP_HOURS * 3_600_000,
  uncertainMs: config.MAIL_UNCERTAIN_SECONDS * 1_000,
  replyMs: config.MAIL_REPLY_SECONDS * 1_000,
});

const definition = (mailer: Mailer, connections: number): ServiceDefinition<NoticeTypes> => ({
  service: 'notifications',
  consumer: 'notifications',
  decider: { decide, evolve },
  repository: new NoticeRepository(),
  reactions,
  effects,
  takeBack,
  keeps: [new EventColumn('notices')],
  callers: { mail: (call, signal) => mailer.mail(call, signal) },
  callsAtOnce: { mail: connections },
  settlements,
});
