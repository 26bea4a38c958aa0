import { Controller } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import { type DomainEvent, event, type Events, type Line, topicOf } from '../events.js';
import type { Prisma } from '../generated/client.js';
import { PrismaService } from '../prisma.service.js';
import { Transactions } from '../publishing/transactions.js';

class OutOfStock extends Error {}

/** In one order, so that two orders of the same products do not deadlock. */
const inOrder = (lines: Line[]): Line[] => lines.toSorted((a, b) => (a.sku < b.sku ? -1 : 1));

@Controller()
export class InventoryController {
  constructor(
    private readonly prisma: PrismaService,
    private readonly transactions: Transactions,
  ) {}

  @EventPattern<Events>(topicOf('order.placed'))
  async reserve(@Payload() { data }: DomainEvent): Promise<void> {
    const { orderId, lines } = data;
    if ((await this.prisma.reservation.findUnique({ where: { orderId } })) !== null) return;
    const reservation = { orderId, lines: lines as unknown as Prisma.InputJsonArray };
    try {
      await this.transactions.run(async (tx) => {
        for (const { sku, quantity } of inOrder(lines)) {
          const { count } = await tx.stock.updateMany({
            where: { sku, available: { gte: quantity } },
            data: { available: { decrement: quantity }, reserved: { increment: quantity } },
          });
          if (count === 0) throw new OutOfStock(sku);
        }
        await tx.reservation.create({ data: { ...reservation, status: 'reserved' } });
        return [event('stock.reserved', data)];
      });
    } catch (error) {
      if (!(error instanceof OutOfStock)) throw error;
      await this.transactions.run(async (tx) => {
        await tx.reservation.create({ data: { ...reservation, status: 'rejected' } });
        return [event('stock.rejected', data)];
      });
    }
  }

  @EventPattern<Events>(topicOf('order.confirmed'))
  async commit(@Payload() { data }: DomainEvent): Promise<void> {
    const { orderId, lines } = data;
    await this.transactions.run(async (tx) => {
      const { count } = await tx.reservation.updateMany({
        where: { orderId, status: 'reserved' },
        data: { status: 'committed' },
      });
      if (count === 0) return [];
      for (const { sku, quantity } of inOrder(lines))
        await tx.stock.update({ where: { sku }, data: { reserved: { decrement: quantity } } });
      return [event('stock.committed', data)];
    });
  }

  @EventPattern<Events>(topicOf('order.cancelled'))
  async release(@Payload() { data }: DomainEvent): Promise<void> {
    const { orderId, lines } = data;
    await this.transactions.run(async (tx) => {
      const { count } = await tx.reservation.updateMany({
        where: { orderId, status: 'reserved' },
        data: { status: 'released' },
      });
      if (count === 0) return [];
      for (const { sku, quantity } of inOrder(lines)) {
        const back = { available: { increment: quantity }, reserved: { decrement: quantity } };
        await tx.stock.update({ where: { sku }, data: back });
      }
      return [event('stock.released', data)];
    });
  }
}
