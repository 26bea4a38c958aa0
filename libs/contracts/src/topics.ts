import { type EventType, type Service, eventSchemas } from './events.js';

export interface TopicSettings {
  /** Kafka topic configuration, as the broker spells it. */
  readonly config: Readonly<Record<string, string>>;
}

/**
 * Unless TOPIC_PARTITIONS says otherwise. It is changed only while no event is unread: another count moves keys to other
 * partitions, and the events of an order would lose their order.
 */
export const PARTITIONS = 6;

export const DAY_MS = 24 * 3600 * 1000;

const common = {
  // By the broker's clock: records stamped by their producer could be refused (too far ahead) or expire early.
  'message.timestamp.type': 'LogAppendTime',
  // The broker then counts the real size of a batch against `max.message.bytes`.
  'compression.type': 'uncompressed',
};
const stream: TopicSettings = {
  config: {
    ...common,
    'cleanup.policy': 'delete',
    'retention.ms': String(7 * DAY_MS),
    // Retention deletes whole segments, so a record may stay one segment longer. Kafka's default is a week.
    'segment.ms': String(DAY_MS),
  },
};
const table: TopicSettings = {
  config: {
    ...common,
    'cleanup.policy': 'compact',
    // The newest price is published again within this time, in case an old one was stored after it.
    'min.compaction.lag.ms': String(DAY_MS),
  },
};

/** All topics. `orderflow topics` creates them; the broker creates none by itself. */
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

/** What the subject of an event names, which is also the key of its record: an order by its id, or a product by its SKU. */
export const subjectKindOf = (type: EventType): 'order' | 'product' =>
  type === 'ProductChanged' ? 'product' : 'order';

/** The topic of an event. */
export const topicOf = (type: EventType): Topic =>
  subjectKindOf(type) === 'product' ? 'inventory.products' : `${eventSchemas[type].owner}.events`;

/** The topic of a service's dead letters. */
export const deadLettersOf = (service: Service): Topic => `${service}.dead-letters`;
