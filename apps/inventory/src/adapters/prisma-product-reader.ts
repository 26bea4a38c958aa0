import type { OnApplicationShutdown } from '@nestjs/common';
import { readClient } from '@orderflow/durable';
import { PrismaPg } from '@prisma/adapter-pg';
import type { Stock } from '../domain/inventory.js';
import type { ProductReader } from '../domain/product-reader.js';
import { PrismaClient, type Stock as StockRow } from './generated/client.js';

export class PrismaProductReader implements ProductReader, OnApplicationShutdown {
  private readonly prisma: PrismaClient;

  constructor(databaseUrl: string) {
    this.prisma = readClient((pool) => new PrismaClient({ adapter: new PrismaPg(pool) }), databaseUrl, 'inventory');
  }

  async find(sku: string): Promise<Stock | undefined> {
    const row = await this.prisma.stock.findUnique({ where: { sku } });
    return row ? stockOf(row) : undefined;
  }

  async list(after: string | undefined, limit: number): Promise<Stock[]> {
    // Every SKU is greater than the empty string.
    const where = { sku: { gt: after ?? '' } };
    const rows = await this.prisma.stock.findMany({ where, orderBy: { sku: 'asc' }, take: limit });
    return rows.map(stockOf);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.prisma.$disconnect();
  }
}

const stockOf = ({ events: _kept, ...row }: StockRow): Stock => ({ ...row, priceMinor: Number(row.priceMinor) });
