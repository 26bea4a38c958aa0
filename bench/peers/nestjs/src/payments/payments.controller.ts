import { Controller } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import { config } from '../config.js';
import { type DomainEvent, event, type Events, type OrderData, topicOf } from '../events.js';
import { PrismaService } from '../prisma.service.js';
import { Transactions } from '../publishing/transactions.js';

interface Charge {
  chargeId: string | null;
  status: 'captured' | 'declined';
}

/** The order is the idempotency key, as the documentation of payment providers proposes. */
async function charge({ orderId, totalMinor, currency, paymentToken }: OrderData): Promise<Charge> {
  // The provider charges nothing below 1.
  if (totalMinor === 0) return { chargeId: null, status: 'captured' };
  const response = await fetch(`${config.paymentProviderUrl}/charges`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': orderId },
    body: JSON.stringify({ orderId, amountMinor: totalMinor, currency, token: paymentToken }),
  });
  if (!response.ok) throw new Error(`the payment provider answers ${response.status}`);
  return (await response.json()) as Charge;
}

@Controller()
export class PaymentsController {
  constructor(
    private readonly prisma: PrismaService,
    private readonly transactions: Transactions,
  ) {}

  @EventPattern<Events>(topicOf('stock.reserved'))
  async pay(@Payload() { data }: DomainEvent): Promise<void> {
    const { orderId, totalMinor } = data;
    if ((await this.prisma.payment.findUnique({ where: { orderId } })) !== null) return;
    const { chargeId, status } = await charge(data);
    await this.transactions.run(async (tx) => {
      await tx.payment.create({ data: { orderId, status, amountMinor: totalMinor, chargeId } });
      return [event(status === 'captured' ? 'payment.captured' : 'payment.declined', data)];
    });
  }
}
