import { type EventType, type Service, eventSchemas } from './events.js';

export interface TopicSettings {
  readonly partitions: number;
  /** Kafka topic configuration, as the broker spells it. */
  readonly config: Readonly<Record<string, string>>;
}

/** Keys would move to other partitions if it changed, and an order's events would lose their order: it is fixed. */
export const PARTITIONS = 6;

const DAY_MS = 24 * 3600 * 1000;

// Records stamped by their producer could be refused (too far ahead) or expire early: the broker's clock counts.
const stream: TopicSettings = {
  partitions: PARTITIONS,
  config: {
    'cleanup.policy': 'delete',
    'retention.ms': String(7 * DAY_MS),
    // A record goes with its segment, so that it may stay for so much longer. Usually that is a week.
    'segment.ms': String(DAY_MS),
    'message.timestamp.type': 'LogAppendTime',
  },
};
const table: TopicSettings = {
  partitions: PARTITIONS,
  config: { 'cleanup.policy': 'compact', 'message.timestamp.type': 'LogAppendTime' },
};

/** Every topic there is; made once by a program, never by a typo. */
export const topics = {
  'orders.events': stream,
  'inventory.events': stream,
  'payments.events': stream,
  'notifications.events': stream,
  'inventory.products': table,
  'orders.dead-letters': stream,
  'inventory.dead-letters': stream,
  'payments.dead-letters': stream,
  'notifications.dead-letters': stream,
} as const satisfies Record<string, TopicSettings>;

export type Topic = keyof typeof topics;

/** The topic on which an event travels. */
export const topicOf = (type: EventType): Topic =>
  type === 'ProductChanged' ? 'inventory.products' : `${eventSchemas[type].owner}.events`;

/** Where a service's dead letters go. */
export const deadLettersOf = (service: Service): Topic => `${service}.dead-letters`;
