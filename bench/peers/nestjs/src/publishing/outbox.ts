import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { type DomainEvent, topicOf } from '../events.js';
import type { Prisma } from '../generated/client.js';
import { PrismaService, type Tx } from '../prisma.service.js';
import { Publisher } from './publisher.js';
import { Transactions } from './transactions.js';

const POLL_MS = 1_000;
const AT_ONCE = 100;

/** Writes the events into the outbox, in the transaction of their cause. */
@Injectable()
export class OutboxTransactions extends Transactions {
  constructor(private readonly prisma: PrismaService) {
    super();
  }

  async run(work: (tx: Tx) => Promise<DomainEvent[]>): Promise<void> {
    await this.prisma.$transaction(async (tx) => {
      const events = await work(tx);
      const data = events.map((it) => ({
        topic: topicOf(it.type),
        key: it.data.orderId,
        payload: it as unknown as Prisma.InputJsonObject,
      }));
      if (data.length > 0) await tx.outboxEvent.createMany({ data });
    });
  }
}

/** Publishes what is in the outbox, each second, in the order of the ids. */
@Injectable()
export class OutboxRelay implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(OutboxRelay.name);
  private timer: NodeJS.Timeout | undefined;
  private busy = false;

  constructor(
    private readonly prisma: PrismaService,
    private readonly publisher: Publisher,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.poll(), POLL_MS);
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  private async poll(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    try {
      while ((await this.publishSome()) === AT_ONCE);
    } catch (error) {
      // The next poll tries again.
      this.logger.error(error);
    } finally {
      this.busy = false;
    }
  }

  private async publishSome(): Promise<number> {
    const rows = await this.prisma.outboxEvent.findMany({
      where: { publishedAt: null },
      orderBy: { id: 'asc' },
      take: AT_ONCE,
    });
    for (const { id, topic, key, payload } of rows) {
      await this.publisher.publish(topic, key, payload as unknown as DomainEvent);
      await this.prisma.outboxEvent.update({ where: { id }, data: { publishedAt: new Date() } });
    }
    return rows.length;
  }
}
