import { config } from './config.js';

/** Each type of event has a topic of its own, as in the examples of @nestjs/microservices. */
export const types = [
  'order.placed',
  'order.confirmed',
  'order.cancelled',
  'stock.reserved',
  'stock.rejected',
  'stock.committed',
  'stock.released',
  'payment.captured',
  'payment.declined',
  'notification.sent',
] as const;

export type EventType = (typeof types)[number];

export const topicOf = (type: EventType): string => config.topicPrefix + type;

export interface Line {
  sku: string;
  quantity: number;
}

/** What the later steps need of an order: it travels in every event. */
export interface OrderData {
  orderId: string;
  email: string;
  currency: string;
  paymentToken: string;
  totalMinor: number;
  lines: Line[];
}

export interface DomainEvent {
  type: EventType;
  data: OrderData;
  /** When it happened, ms since 1970. */
  at: number;
}

export const event = (type: EventType, data: OrderData): DomainEvent => ({ type, data, at: Date.now() });

/** By topic: what the handlers of @nestjs/microservices receive. */
export type Events = Record<string, DomainEvent>;
