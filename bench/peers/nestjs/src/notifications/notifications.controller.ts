import { Controller } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import { createTransport } from 'nodemailer';
import { config } from '../config.js';
import { type DomainEvent, event, type Events, topicOf } from '../events.js';
import { PrismaService } from '../prisma.service.js';
import { Transactions } from '../publishing/transactions.js';

@Controller()
export class NotificationsController {
  private readonly mailer = createTransport(config.smtpUrl, { from: 'Shop <shop@example.com>' });

  constructor(
    private readonly prisma: PrismaService,
    private readonly transactions: Transactions,
  ) {}

  @EventPattern<Events>(topicOf('order.confirmed'))
  async confirmed(@Payload() it: DomainEvent): Promise<void> {
    await this.notify(it, 'order-confirmed', 'is confirmed');
  }

  @EventPattern<Events>(topicOf('order.cancelled'))
  async cancelled(@Payload() it: DomainEvent): Promise<void> {
    await this.notify(it, 'order-cancelled', 'is cancelled');
  }

  private async notify({ data }: DomainEvent, template: string, words: string): Promise<void> {
    const { orderId, email } = data;
    const id = { orderId, template };
    if ((await this.prisma.notification.findUnique({ where: { orderId_template: id } })) !== null) return;
    await this.mailer.sendMail({
      to: email,
      subject: `Your order ${words}`,
      text: `Your order ${orderId} ${words}.`,
      headers: { 'X-Order-Id': orderId, 'X-Template': template },
    });
    await this.transactions.run(async (tx) => {
      await tx.notification.create({ data: id });
      return [event('notification.sent', data)];
    });
  }
}
