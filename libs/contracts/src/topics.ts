import { type EventType, type Service, eventSchemas } from './events.js';

export interface TopicSettings {
  readonly partitions: number;
  /** Kafka topic configuration, as the broker spells it. */
  readonly config: Readonly<Record<string, string>>;
}

/** Fixed: another count would move keys to other partitions, and an order's events would lose their order. */
export const PARTITIONS = 6;

const DAY_MS = 24 * 3600 * 1000;

// By the broker's clock: records stamped by their producer could be refused (too far ahead) or expire early.
const stream: TopicSettings = {
  partitions: PARTITIONS,
  config: {
    'cleanup.policy': 'delete',
    'retention.ms': String(7 * DAY_MS),
    // Retention deletes whole segments, so a record may stay one segment longer. Kafka's default is a week.
    'segment.ms': String(DAY_MS),
    'message.timestamp.type': 'LogAppendTime',
  },
};
const table: TopicSettings = {
  partitions: PARTITIONS,
  config: { 'cleanup.policy': 'compact', 'message.timestamp.type': 'LogAppendTime' },
};

/** All topics. `npm run topics` creates them; the broker creates none by itself. */
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

/** The topic of an event. */
export const topicOf = (type: EventType): Topic =>
  type === 'ProductChanged' ? 'inventory.products' : `${eventSchemas[type].owner}.events`;

/** The topic of a service's dead letters. */
export const deadLettersOf = (service: Service): Topic => `${service}.dead-letters`;
