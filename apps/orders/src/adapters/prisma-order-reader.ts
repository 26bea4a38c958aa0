import { setTimeout as sleep } from 'node:timers/promises';
import type { OnApplicationShutdown } from '@nestjs/common';
import { readClient } from '@orderflow/durable';
import { traceIdOf } from '@orderflow/telemetry';
import { PrismaPg } from '@prisma/adapter-pg';
import type { FoundOrder, HistoryEvent, OrderFilter, OrderReader, Origin, ShownOrder } from '../domain/order-reader.js';
import { catchUp, isSettled, type OrderView, unseenOrder, type Viewed } from '../domain/order-view.js';
import type { PricedLine } from '../domain/price-list.js';
import { type OrderEvent as EventRow, PrismaClient } from './generated/client.js';
import { viewOf } from './view-row.js';

// About a second in all; the view has usually caught up after the first two.
const PAUSES_MS = [15, 30, 60, 120, 240, 500];

/** The part of an order that never changes. */
type Document = Pick<ShownOrder, 'lines' | 'totalMinor' | 'currency' | 'traceId'>;

export class PrismaOrderReader implements OrderReader, OnApplicationShutdown {
  private readonly prisma: PrismaClient;

  constructor(databaseUrl: string) {
    this.prisma = readClient((pool) => new PrismaClient({ adapter: new PrismaPg(pool) }), databaseUrl, 'orders');
  }

  async find(orderId: string, minVersion: number): Promise<FoundOrder | undefined> {
    const viewed = await this.waitForVersion(minVersion, orderId);
    if (viewed) return { order: viewed, readFrom: 'view' };
    const order = await this.fromWriteSide(orderId);
    return order && { order, readFrom: 'write-side' };
  }

  async list({ after, ...filter }: OrderFilter, count: number): Promise<ShownOrder[]> {
    // A placed order is never settled. PostgreSQL does not know that, and would look for one among all orders.
    if (filter.status === 'placed' && filter.settled) return [];
    const rows = await this.prisma.orderView.findMany({
      where: {
        ...filter,
        // The partial index covers unsettled orders.
        ...(filter.status === 'placed' && { settled: false }),
        // Orders are listed once the view has consumed OrderPlaced.
        placedAt: after ? { lte: after.placedAt } : { not: null },
        ...(after && { OR: [{ placedAt: { lt: after.placedAt } }, { orderId: { lt: after.orderId } }] }),
      },
      orderBy: [{ placedAt: 'desc' }, { orderId: 'desc' }],
      take: count,
    });
    const documents = await this.prisma.orderDocument.findMany({
      where: { orderId: { in: rows.map(({ orderId }) => orderId) } },
    });
    const byId = new Map(documents.map((document) => [document.orderId, documentOf(document)]));
    return rows.flatMap((row) => shown(row.orderId, viewOf(row), byId.get(row.orderId)) ?? []);
  }

  async history(orderId: string): Promise<HistoryEvent[]> {
    const rows = await this.eventsOf(orderId);
    return rows.map(({ id, type, version, time, data, correlationId, causationId }) => {
      const {
        email: _email,
        paymentToken: _token,
        paymentTokenDigest: _digest,
        ...shareable
      } = data as Record<string, unknown>;
      return { id, type, version, time, data: shareable, correlationId, causationId };
    });
  }

  async originOf(orderId: string): Promise<Origin | undefined> {
    const first = await this.prisma.orderEvent.findUnique({
      where: { orderId_version: { orderId, version: 1 } },
      select: { correlationId: true, traceparent: true },
    });
    return first ?? undefined;
  }

  async onApplicationShutdown(): Promise<void> {
    await this.prisma.$disconnect();
  }

  private async waitForVersion(minVersion: number, orderId: string): Promise<ShownOrder | undefined> {
    let order = await this.fromView(orderId);
    for (const pauseMs of minVersion > 0 ? PAUSES_MS : []) {
      if (order && order.version >= minVersion) break;
      await sleep(pauseMs);
      order = await this.fromView(orderId);
    }
    return order && order.version >= minVersion ? order : undefined;
  }

  private async fromView(orderId: string): Promise<ShownOrder | undefined> {
    const [row, document] = await Promise.all([
      this.prisma.orderView.findUnique({ where: { orderId } }),
      this.prisma.orderDocument.findUnique({ where: { orderId } }),
    ]);
    return row && document ? shown(orderId, viewOf(row), documentOf(document)) : undefined;
  }

  /** The view, brought up to date with the order's own events. */
  private async fromWriteSide(orderId: string): Promise<ShownOrder | undefined> {
    const [row, rows] = await Promise.all([
      this.prisma.orderView.findUnique({ where: { orderId } }),
      this.eventsOf(orderId),
    ]);
    const view = catchUp(row ? viewOf(row) : unseenOrder, rows.map(viewedOf));
    return shown(orderId, view, documentFrom(rows));
  }

  private eventsOf(orderId: string): Promise<EventRow[]> {
    return this.prisma.orderEvent.findMany({ where: { orderId }, orderBy: { version: 'asc' } });
  }
}

/** Undefined until `OrderPlaced` was consumed. */
function shown(orderId: string, view: OrderView, document: Document | undefined): ShownOrder | undefined {
  const { customerId, status, cancelReason, stock, payment, placedAt, updatedAt } = view;
  if (!customerId || !status || !placedAt || !document) return undefined;
  return {
    orderId,
    customerId,
    status,
    ...(cancelReason && { cancelReason }),
    stock,
    payment,
    settled: isSettled(view),
    version: view.sequences.orders,
    ...document,
    placedAt,
    updatedAt,
  };
}

const documentOf = (row: { lines: unknown; totalMinor: bigint; currency: string; traceId: string }): Document => ({
  lines: row.lines as PricedLine[],
  totalMinor: Number(row.totalMinor),
  currency: row.currency,
  traceId: row.traceId,
});

function documentFrom(events: readonly EventRow[]): Document | undefined {
  const [first] = events;
  if (!first) return undefined;
  const { lines, totalMinor, currency } = first.data as unknown as Omit<Document, 'traceId'>;
  return { lines, totalMinor, currency, traceId: traceIdOf(first.traceparent) ?? '' };
}

const viewedOf = ({ orderId, version, type, data, time }: EventRow): Viewed =>
  ({ type, data, source: 'orders', subject: orderId, sequence: version, time: time.toISOString() }) as Viewed;
