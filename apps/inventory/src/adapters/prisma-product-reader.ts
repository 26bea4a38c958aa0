import type { OnApplicationShutdown } from '@nestjs/common';
import { readClient } from '@orderflow/durable';
import { PrismaPg } from '@prisma/adapter-pg';
import type { Stock } from '../domain/inventory.js';
import type { ProductReader } from '../domain/product-reader.js';
import { PrismaClient } from './generated/client.js';

export class PrismaProductReader implements ProductReader, OnApplicationShutdown {
  private readonly prisma: PrismaClient;

  constructor(databaseUrl: string) {
    this.prisma = readClient((pool) => new PrismaClient({ adapter: new PrismaPg(pool) }), databaseUrl, 'inventory');
  }

  async find(sku: string): Promise<Stock | undefined> {
    return (await this.prisma.stock.findUnique({ where: { sku } })) ?? undefined;
  }

  list(after: string | undefined, limit: number): Promise<Stock[]> {
    // Every SKU is greater than the empty string.
    const where = { sku: { gt: after ?? '' } };
    return this.prisma.stock.findMany({ where, orderBy: { sku: 'asc' }, take: limit });
  }

  async onApplicationShutdown(): Promise<void> {
    await this.prisma.$disconnect();
  }
}
