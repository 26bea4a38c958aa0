import type { OnApplicationShutdown } from '@nestjs/common';
import { readPool, TransientError } from '@orderflow/durable';
import { PrismaPg } from '@prisma/adapter-pg';
import type { PaymentReader, RecordedPayment } from '../domain/payment-reader.js';
import { PrismaClient } from './generated/client.js';
import { paymentOf } from './payment-row.js';

/** Reads for HTTP on connections of their own, so that they never compete with the batches. */
export class PrismaPaymentReader implements PaymentReader, OnApplicationShutdown {
  private readonly prisma: PrismaClient;

  constructor(databaseUrl: string) {
    const adapter = new PrismaPg(readPool(databaseUrl, 'payments'));
    this.prisma = new PrismaClient({ adapter });
  }

  async find(orderId: string): Promise<RecordedPayment | undefined> {
    const row = await this.prisma.payment.findUnique({ where: { orderId } }).catch(databaseIsAway);
    return row ? { payment: paymentOf(row), updatedAt: row.updatedAt } : undefined;
  }

  async onApplicationShutdown(): Promise<void> {
    await this.prisma.$disconnect();
  }
}

// The id is validated, so that a failure means an unreachable database.
function databaseIsAway(cause: unknown): never {
  throw new TransientError('payments cannot be read', { cause });
}
