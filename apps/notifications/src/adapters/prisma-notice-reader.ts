import type { OnApplicationShutdown } from '@nestjs/common';
import { readClient } from '@orderflow/durable';
import { PrismaPg } from '@prisma/adapter-pg';
import type { NoticeQuery, NoticeReader, Place, RecordedMail } from '../domain/notice-reader.js';
import { type Notices, templates } from '../domain/notice.js';
import { PrismaClient } from './generated/client.js';

export class PrismaNoticeReader implements NoticeReader, OnApplicationShutdown {
  private readonly prisma: PrismaClient;

  constructor(databaseUrl: string) {
    this.prisma = readClient((pool) => new PrismaClient({ adapter: new PrismaPg(pool) }), databaseUrl, 'notifications');
  }

  async list({ orderId, after, limit }: NoticeQuery): Promise<RecordedMail[]> {
    const rows = await this.prisma.notices.findMany({
      select: { orderId: true, mails: true },
      where: {
        AND: [orderId === undefined ? {} : { orderId }, after === undefined ? {} : { orderId: { lte: after.orderId } }],
        NOT: { mails: { equals: {} } },
      },
      // By primary key. That is the order of time only for orders without an Idempotency-Key (UUIDv7).
      orderBy: { orderId: 'desc' },
      // Each row has a mail; one more row, since that of `after` may have none left.
      take: limit + 1,
    });
    const mails = rows.flatMap((row) => mailsOf(row.orderId, row.mails as Notices['mails']));
    return mails.filter((mail) => after === undefined || isAfter(mail, after)).slice(0, limit);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.prisma.$disconnect();
  }
}

function mailsOf(orderId: string, mails: Notices['mails']): RecordedMail[] {
  return templates.flatMap((template) => {
    const mail = mails[template];
    return mail ? [{ orderId, template, mail }] : [];
  });
}

const isAfter = ({ orderId, template }: Place, after: Place): boolean =>
  orderId !== after.orderId || template > after.template;
