import { Injectable } from '@nestjs/common';
import { type DomainEvent, topicOf } from '../events.js';
import { PrismaService, type Tx } from '../prisma.service.js';
import { Publisher } from './publisher.js';
import { Transactions } from './transactions.js';

/** Publishes the events after the commit of their cause. A process that ends between the two has lost them. */
@Injectable()
export class EmitAfterWrite extends Transactions {
  constructor(
    private readonly prisma: PrismaService,
    private readonly publisher: Publisher,
  ) {
    super();
  }

  async run(work: (tx: Tx) => Promise<DomainEvent[]>): Promise<void> {
    const events = await this.prisma.$transaction(work);
    for (const it of events) await this.publisher.publish(topicOf(it.type), it.data.orderId, it);
  }
}
