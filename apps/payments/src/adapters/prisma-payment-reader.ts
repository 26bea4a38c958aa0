import type { OnApplicationShutdown } from '@nestjs/common';
import { readClient } from '@orderflow/durable';
import { PrismaPg } from '@prisma/adapter-pg';
import type { PaymentReader, RecordedPayment } from '../domain/payment-reader.js';
import { PrismaClient } from './generated/client.js';
import { paymentOf } from './payment-row.js';

export class PrismaPaymentReader implements PaymentReader, OnApplicationShutdown {
  private readonly prisma: PrismaClient;

  constructor(databaseUrl: string) {
    this.prisma = readClient((pool) => new PrismaClient({ adapter: new PrismaPg(pool) }), databaseUrl, 'payments');
  }

  async find(orderId: string): Promise<RecordedPayment | undefined> {
    const row = await this.prisma.payment.findUnique({ where: { orderId } });
    return row ? { payment: paymentOf(row), updatedAt: row.updatedAt } : undefined;
  }

  async onApplicationShutdown(): Promise<void> {
    await this.prisma.$disconnect();
  }
}
