import { type DynamicModule, Module } from '@nestjs/common';
import { DeadLettersModule } from '@orderflow/dead-letters';
import { connectionsOf, DurableModule, type ServiceOptions } from '@orderflow/durable';
import { loggerModule } from '@orderflow/telemetry';
import { Mailer } from './adapters/mailer.js';
import { type LoadedNotices, NoticeRepository } from './adapters/notice-repository.js';
import { PrismaNoticeReader } from './adapters/prisma-notice-reader.js';
import type { Config } from './config.js';
import { decide } from './domain/decide.js';
import { evolve } from './domain/evolve.js';
import { NoticeReader } from './domain/notice-reader.js';
import type { NoticeCommand, NoticeEvent, Notices } from './domain/notice.js';
import { NotificationsController } from './http/notifications.controller.js';
import { effects, reactions } from './saga.js';

/** Apart, since it is the durable module that makes the outside calls. */
@Module({})
class MailerModule {
  static with({ SMTP_URL, MAIL_FROM }: Config): DynamicModule {
    const mailer = { provide: Mailer, useFactory: () => new Mailer(SMTP_URL, MAIL_FROM) };
    return { module: MailerModule, providers: [mailer], exports: [Mailer] };
  }
}

@Module({})
export class NotificationsModule {
  static with(config: Config): DynamicModule {
    return {
      module: NotificationsModule,
      imports: [
        loggerModule('notifications', { requests: 'debug' }),
        DurableModule.forService({
          imports: [MailerModule.with(config)],
          inject: [Mailer],
          useFactory: (mailer: Mailer) => serviceOptions(config, mailer),
        }),
        DeadLettersModule,
      ],
      controllers: [NotificationsController],
      providers: [{ provide: NoticeReader, useFactory: () => new PrismaNoticeReader(config.DATABASE_URL) }],
    };
  }
}

type Options = ServiceOptions<'notifications', Notices, NoticeCommand, NoticeEvent, LoadedNotices>;

const serviceOptions = (config: Config, mailer: Mailer): Options => ({
  connections: connectionsOf(config),
  handling: {
    service: 'notifications',
    consumer: 'notifications',
    decider: { decide, evolve },
    repository: new NoticeRepository(),
    effects,
  },
  reactions,
  callers: { mail: (call, signal) => mailer.mail(call, signal) },
});
