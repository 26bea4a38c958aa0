import { Body, Controller, HttpCode, Post, UnprocessableEntityException } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import { randomUUID } from 'node:crypto';
import { type DomainEvent, event, type Events, type Line, type OrderData, topicOf } from '../events.js';
import { PrismaService, type Tx } from '../prisma.service.js';
import { Transactions } from '../publishing/transactions.js';

interface NewOrder {
  customerId: string;
  email: string;
  currency: string;
  paymentToken: string;
  lines: Line[];
}

@Controller()
export class OrdersController {
  constructor(
    private readonly prisma: PrismaService,
    private readonly transactions: Transactions,
  ) {}

  @Post('orders')
  @HttpCode(202)
  async place(@Body() { customerId, email, currency, paymentToken, lines }: NewOrder) {
    const prices = await this.prisma.price.findMany({ where: { sku: { in: lines.map(({ sku }) => sku) } } });
    const priceOf = new Map(prices.map(({ sku, priceMinor }) => [sku, priceMinor]));
    const priced = lines.map(({ sku, quantity }) => {
      const unitPriceMinor = priceOf.get(sku);
      if (unitPriceMinor === undefined) throw new UnprocessableEntityException(`unknown SKU ${sku}`);
      return { sku, quantity, unitPriceMinor };
    });
    const orderId = randomUUID();
    const totalMinor = priced.reduce((sum, { quantity, unitPriceMinor }) => sum + quantity * unitPriceMinor, 0);
    const data: OrderData = { orderId, email, currency, paymentToken, totalMinor, lines };
    await this.transactions.run(async (tx) => {
      const order = { id: orderId, customerId, email, currency, paymentToken, totalMinor };
      await tx.order.create({ data: { ...order, lines: { createMany: { data: priced } } } });
      return [event('order.placed', data)];
    });
    return { orderId, status: 'placed', totalMinor, currency };
  }

  @EventPattern<Events>(topicOf('payment.captured'))
  async confirm(@Payload() { data }: DomainEvent): Promise<void> {
    await this.transactions.run(async (tx) => {
      return (await this.decide(tx, data.orderId, { status: 'confirmed' })) ? [event('order.confirmed', data)] : [];
    });
  }

  @EventPattern<Events>(topicOf('payment.declined'))
  async decline(@Payload() { data }: DomainEvent): Promise<void> {
    await this.transactions.run(async (tx) => {
      return (await this.decide(tx, data.orderId, { status: 'cancelled' })) ? [event('order.cancelled', data)] : [];
    });
  }

  @EventPattern<Events>(topicOf('stock.rejected'))
  async reject(@Payload() { data }: DomainEvent): Promise<void> {
    await this.transactions.run(async (tx) => {
      const change = { status: 'cancelled', stockDone: true };
      return (await this.decide(tx, data.orderId, change)) ? [event('order.cancelled', data)] : [];
    });
  }

  @EventPattern<Events>(topicOf('stock.committed'))
  async committed(@Payload() it: DomainEvent): Promise<void> {
    await this.settle(it, { stockDone: true });
  }

  @EventPattern<Events>(topicOf('stock.released'))
  async released(@Payload() it: DomainEvent): Promise<void> {
    await this.settle(it, { stockDone: true });
  }

  @EventPattern<Events>(topicOf('notification.sent'))
  async notified(@Payload() it: DomainEvent): Promise<void> {
    await this.settle(it, { mailDone: true });
  }

  /** @returns whether the order was undecided until now */
  private async decide(tx: Tx, id: string, change: { status: string; stockDone?: boolean }): Promise<boolean> {
    const { count } = await tx.order.updateMany({
      where: { id, status: 'placed' },
      data: { ...change, decidedAt: new Date() },
    });
    return count === 1;
  }

  private async settle({ data, at }: DomainEvent, change: { stockDone?: true; mailDone?: true }): Promise<void> {
    await this.transactions.run(async (tx) => {
      const where = { id: data.orderId };
      const order = await tx.order.update({ where, data: change });
      if (order.stockDone && order.mailDone && order.settledAt === null)
        await tx.order.update({ where, data: { settledAt: new Date(at) } });
      return [];
    });
  }
}
