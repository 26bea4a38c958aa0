import 'reflect-metadata';
import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import { Commands } from '@orderflow/durable';
import { FieldEncrypter, newKeyPair } from '@orderflow/encryption';
import { PinoLogger } from '@orderflow/telemetry';
import { httpEdge, type HttpEdge } from '@orderflow/testing/http';
import { randomUUID } from 'node:crypto';
import { decide } from '../src/domain/decide.js';
import { evolve } from '../src/domain/evolve.js';
import { Intake } from '../src/domain/intake.js';
import { type OrderFilter, OrderReader, type ShownOrder } from '../src/domain/order-reader.js';
import type { OrderTypes } from '../src/domain/order-working-set.js';
import { noOrder, type OrderState, type PlaceOrder } from '../src/domain/order.js';
import { LiveOrders } from '../src/http/live-orders.js';
import { OrderCommandsController } from '../src/http/order-commands.controller.js';
import { OrderReadsController } from '../src/http/order-reads.controller.js';
import { OrderSettings } from '../src/http/order-settings.js';
import { PaymentTokens } from '../src/http/payment-tokens.js';

export const secret = randomUUID();
export const keys = await newKeyPair();

export const problem = (kind: string) => `urn:orderflow:problem:${kind}`;

export const good = {
  customerId: 'c-1',
  email: 'ada@example.com',
  lines: [{ sku: 'TEA', quantity: 2 }],
  paymentToken: 'tok_visa',
};

const shown = (placedAt: string): ShownOrder => ({
  orderId: randomUUID(),
  customerId: 'c-1',
  status: 'placed',
  stock: 'pending',
  payment: 'pending',
  settled: false,
  version: 1,
  lines: [{ sku: 'TEA', quantity: 2, unitPriceMinor: 450 }],
  totalMinor: 900,
  currency: 'EUR',
  placedAt: new Date(placedAt),
  updatedAt: new Date(placedAt),
  traceId: 'a'.repeat(32),
});

/** The orders of the read model. */
export const shownOrders = [shown('2026-11-01T12:00:02.000Z'), shown('2026-11-01T12:00:01.000Z')];
const wholeFrom = new Date('2026-11-01T13:00:00.000Z');

/** The HTTP edge of orders, with the real decider on states in memory and a read model of its own. */
export class OrdersEdge {
  readonly prices = new Map([['TEA', { priceMinor: 450, currency: 'EUR', sequence: 1 }]]);
  readonly states = new Map<string, OrderState>();
  lastPlaced: PlaceOrder | undefined;
  lastFilter: OrderFilter | undefined;
  /** Whether the intake takes further orders, and how many it has refused. */
  isOpen = true;
  refused = 0;
  afterRefusal = (): void => undefined;
  private edge!: HttpEdge;

  constructor() {
    beforeAll(async () => {
      this.edge = await httpEdge('orders', {
        controllers: [OrderCommandsController, OrderReadsController],
        providers: [
          LiveOrders,
          { provide: PinoLogger, useValue: {} },
          { provide: Commands, useValue: this.commands() },
          { provide: OrderReader, useValue: this.reader() },
          { provide: OrderSettings, useValue: new OrderSettings(900_000, secret) },
          { provide: Intake, useValue: this.intake() },
          { provide: PaymentTokens, useValue: new PaymentTokens(new FieldEncrypter(keys.publicKey), secret) },
        ],
      });
    });
    afterAll(() => this.edge.close());
    beforeEach(() => this.states.clear());
  }

  readonly request: HttpEdge['request'] = (...given) => this.edge.request(...given);

  readonly post = <Body = Record<string, unknown>>(url: string, payload?: object, key?: string) =>
    this.request<Body>('POST', url, payload, key === undefined ? {} : { 'idempotency-key': key });

  readonly get = <Body = Record<string, unknown>>(url: string) => this.request<Body>('GET', url);

  readonly cancel = (orderId: string, etag: unknown) =>
    this.request('POST', `/orders/${orderId}/cancel`, undefined, { 'if-match': String(etag) });

  private commands(): Pick<Commands<OrderTypes>, 'execute'> {
    return {
      execute: async (command) => {
        if (command.type === 'ListPrice') throw new Error('no request leads to this command');
        if (command.type === 'PlaceOrder') this.lastPlaced = command;
        try {
          const before = { order: this.states.get(command.orderId) ?? noOrder, prices: this.prices };
          const events = decide(command, before);
          const state = events.reduce(evolve, before);
          this.states.set(command.orderId, state.order);
          return { kind: 'done', state, events: events.length };
        } catch (error) {
          this.afterRefusal();
          throw error;
        }
      },
    };
  }

  private intake(): Intake {
    const isOpen = () => this.isOpen;
    return {
      get isOpen() {
        return isOpen();
      },
      refuse: () => {
        this.refused++;
        return 12;
      },
    };
  }

  private reader(): OrderReader {
    const find = (orderId: string) => shownOrders.find((known) => known.orderId === orderId);
    return {
      find: async (orderId) => {
        const order = find(orderId);
        return order && { order, heard: { orders: order.version }, readFrom: 'view' };
      },
      viewsOf: async () => [],
      versionsOf: async () => new Map(),
      findAt: async (orderId, at) => {
        const order = find(orderId);
        if (!order) return undefined;
        return at < order.placedAt ? { existsSince: order.placedAt } : { order, complete: at >= wholeFrom };
      },
      list: async (filter, count) => {
        this.lastFilter = filter;
        return shownOrders.slice(0, count);
      },
      history: async () => [],
      originOf: async (orderId) => (this.states.has(orderId) ? { correlationId: 'r-1', traceparent: '' } : undefined),
    };
  }
}
