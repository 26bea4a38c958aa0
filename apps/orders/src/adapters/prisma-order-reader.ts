import { setTimeout as sleep } from 'node:timers/promises';
import type { OnApplicationShutdown } from '@nestjs/common';
import { readClient } from '@orderflow/durable';
import { traceIdOf } from '@orderflow/telemetry';
import { PrismaPg } from '@prisma/adapter-pg';
import type {
  FoundOrder,
  HistoryEvent,
  OrderAt,
  OrderFilter,
  OrderReader,
  Origin,
  ShownOrder,
} from '../domain/order-reader.js';
import type { ViewVersion } from '../domain/listener.js';
import { viewAt } from '../domain/view-at.js';
import { catchUp, isSettled, type OrderView, unseenOrder, type Viewed } from '@orderflow/order-view';
import { type OrderEvent as EventRow, PrismaClient } from './generated/client.js';
import { sequencesOf, type ViewRow, viewOf } from './view-row.js';

// About a second in all; the view has usually caught up after the first two.
const PAUSES_MS = [15, 30, 60, 120, 240, 500];

/** The part of an order that never changes: it stands in the data of its first event alone. */
type Document = Pick<ShownOrder, 'lines' | 'totalMinor' | 'currency' | 'traceId'>;

export class PrismaOrderReader implements OrderReader, OnApplicationShutdown {
  private readonly prisma: PrismaClient;

  constructor(databaseUrl: string) {
    this.prisma = readClient((pool) => new PrismaClient({ adapter: new PrismaPg(pool) }), databaseUrl, 'orders');
  }

  async find(orderId: string, minVersion: number, owner?: string): Promise<FoundOrder | undefined> {
    const viewed = await this.waitForVersion(minVersion, orderId, owner);
    if (viewed) return viewed;
    const { view, document } = await this.writeSide(orderId);
    return ownedBy(owner, found(orderId, view, document, 'write-side'));
  }

  async findAt(orderId: string, at: Date, owner?: string): Promise<OrderAt | undefined> {
    const { own, view, document } = await this.writeSide(orderId);
    if (own[0] === undefined || !isOf(owner, view.customerId)) return undefined;
    const then = viewAt(own, view, at);
    const past = then && found(orderId, then.view, document, 'write-side');
    return past ? { order: past.order, complete: then.complete } : { existsSince: new Date(own[0].time) };
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
    return (await this.joined(rows)).map(({ order }) => order);
  }

  async viewsOf(orderIds: readonly string[]): Promise<FoundOrder[]> {
    return this.joined(await this.prisma.orderView.findMany({ where: { orderId: { in: [...orderIds] } } }));
  }

  async versionsOf(orderIds: readonly string[]): Promise<ReadonlyMap<string, ViewVersion>> {
    if (orderIds.length === 0) return new Map();
    const rows = await this.prisma.orderView.findMany({
      where: { orderId: { in: [...orderIds] } },
      select: {
        orderId: true,
        settled: true,
        version: true,
        inventorySeq: true,
        paymentsSeq: true,
        notificationsSeq: true,
      },
    });
    return new Map(rows.map((row) => [row.orderId, { heard: sequencesOf(row), settled: row.settled }]));
  }

  async history(orderId: string, owner?: string): Promise<HistoryEvent[]> {
    const rows = await this.eventsOf(orderId);
    if (!isOf(owner, customerIn(rows[0]))) return [];
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

  async originOf(orderId: string, owner?: string): Promise<Origin | undefined> {
    const first = await this.prisma.orderEvent.findUnique({
      where: { orderId_version: { orderId, version: 1 } },
      select: { correlationId: true, traceparent: true, tracestate: true, ...(owner !== undefined && { data: true }) },
    });
    if (!first || !isOf(owner, customerIn(first))) return undefined;
    const { correlationId, traceparent, tracestate } = first;
    return { correlationId, traceparent, ...(tracestate !== null && { tracestate }) };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.prisma.$disconnect();
  }

  private async waitForVersion(minVersion: number, orderId: string, owner?: string): Promise<FoundOrder | undefined> {
    let viewed = ownedBy(owner, await this.fromView(orderId));
    for (const pauseMs of minVersion > 0 ? PAUSES_MS : []) {
      if (viewed && viewed.order.version >= minVersion) break;
      await sleep(pauseMs);
      viewed = ownedBy(owner, await this.fromView(orderId));
    }
    return viewed && viewed.order.version >= minVersion ? viewed : undefined;
  }

  private async fromView(orderId: string): Promise<FoundOrder | undefined> {
    const [row, placed] = await Promise.all([
      this.prisma.orderView.findUnique({ where: { orderId } }),
      this.prisma.orderEvent.findUnique({ where: { orderId_version: { orderId, version: 1 } } }),
    ]);
    return row && placed ? found(orderId, viewOf(row), documentOf(placed), 'view') : undefined;
  }

  private async joined(rows: readonly ViewRow[]): Promise<FoundOrder[]> {
    const placed = await this.prisma.orderEvent.findMany({
      where: { orderId: { in: rows.map(({ orderId }) => orderId) }, version: 1 },
    });
    const byId = new Map(placed.map((event) => [event.orderId, documentOf(event)]));
    return rows.flatMap((row) => found(row.orderId, viewOf(row), byId.get(row.orderId), 'view') ?? []);
  }

  /** The order's own events, and its view brought up to date with them. */
  private async writeSide(orderId: string) {
    const [row, rows] = await Promise.all([
      this.prisma.orderView.findUnique({ where: { orderId } }),
      this.eventsOf(orderId),
    ]);
    const own = rows.map(viewedOf);
    return { own, view: catchUp(row ? viewOf(row) : unseenOrder, own), document: rows[0] && documentOf(rows[0]) };
  }

  private eventsOf(orderId: string): Promise<EventRow[]> {
    return this.prisma.orderEvent.findMany({ where: { orderId }, orderBy: { version: 'asc' } });
  }
}

// guard: orders: a customer finds own orders only
const isOf = (owner: string | undefined, customerId: unknown): boolean => owner === undefined || owner === customerId;

const ownedBy = (owner: string | undefined, it: FoundOrder | undefined): FoundOrder | undefined =>
  it && isOf(owner, it.order.customerId) ? it : undefined;

/** The customer in the data of an `OrderPlaced`. */
const customerIn = (placed: { readonly data?: unknown } | undefined): unknown =>
  (placed?.data as { customerId?: unknown } | undefined)?.customerId;

/** Undefined until `OrderPlaced` was consumed. */
function found(
  orderId: string,
  view: OrderView,
  document: Document | undefined,
  readFrom: FoundOrder['readFrom'],
): FoundOrder | undefined {
  const { customerId, status, cancelReason, stock, payment, placedAt, updatedAt, sequences } = view;
  if (!customerId || !status || !placedAt || !document) return undefined;
  const order: ShownOrder = {
    orderId,
    customerId,
    status,
    ...(cancelReason && { cancelReason }),
    stock,
    payment,
    settled: isSettled(view),
    version: sequences.orders,
    ...document,
    placedAt,
    updatedAt,
  };
  return { order, heard: sequences, readFrom };
}

/** @param placed the row of `OrderPlaced` */
function documentOf(placed: EventRow): Document {
  const { lines, totalMinor, currency } = placed.data as unknown as Omit<Document, 'traceId'>;
  return { lines, totalMinor, currency, traceId: traceIdOf(placed.traceparent) ?? '' };
}

const viewedOf = ({ orderId, version, type, data, time }: EventRow): Viewed =>
  ({ type, data, source: 'orders', subject: orderId, sequence: version, time: time.toISOString() }) as Viewed;
