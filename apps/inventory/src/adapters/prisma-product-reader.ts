import type { OnApplicationShutdown } from '@nestjs/common';
import { readPool, TransientError } from '@orderflow/durable';
import { PrismaPg } from '@prisma/adapter-pg';
import type { Stock } from '../domain/inventory.js';
import type { ProductReader } from '../domain/product-reader.js';
import { PrismaClient } from './generated/client.js';

/** Reads for HTTP on connections of their own, so that they never compete with the batches. */
export class PrismaProductReader implements ProductReader, OnApplicationShutdown {
  private readonly prisma: PrismaClient;

  constructor(databaseUrl: string) {
    const adapter = new PrismaPg(readPool(databaseUrl, 'inventory'));
    this.prisma = new PrismaClient({ adapter });
  }

  async find(sku: string): Promise<Stock | undefined> {
    return (await this.prisma.stock.findUnique({ where: { sku } }).catch(databaseIsAway)) ?? undefined;
  }

  list(after: string | undefined, limit: number): Promise<Stock[]> {
    // Every SKU is greater than the empty string.
    const where = { sku: { gt: after ?? '' } };
    return this.prisma.stock.findMany({ where, orderBy: { sku: 'asc' }, take: limit }).catch(databaseIsAway);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.prisma.$disconnect();
  }
}

// The parameters are validated, so that a failure means an unreachable database.
function databaseIsAway(cause: unknown): never {
  throw new TransientError('products cannot be read', { cause });
}
