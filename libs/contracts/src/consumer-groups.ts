import { type EventType, eventSchemas, type Service, services } from './events.js';
import { consumedBy } from './saga-parts.js';
import { subjectKindOf, type Topic, topicOf, topics } from './topics.js';

/** A consumer group, without prefix, with the topics that it reads. */
export interface Group {
  readonly group: string;
  readonly program: Service | 'console';
  readonly topics: readonly Topic[];
}

/** The topics of these events, each once. */
export const topicsOf = (types: readonly EventType[]): Topic[] => [...new Set(types.map(topicOf))];

/** The consumer group in which the console fills its journal, without prefix. */
export const JOURNAL_GROUP = 'console.journal';

const ofOrders = (Object.keys(eventSchemas) as EventType[]).filter((type) => subjectKindOf(type) === 'order');

/** The groups of the saga, the read model of orders, and the journal. */
export const consumerGroups: readonly Group[] = [
  ...services.map((service) => ({ group: service, program: service, topics: topicsOf(consumedBy(service)) })),
  // Every event about an order.
  {
    group: 'orders.views',
    program: 'orders',
    topics: services.flatMap((service) => topicsOf(ofOrders.filter((type) => eventSchemas[type].owner === service))),
  },
  { group: JOURNAL_GROUP, program: 'console', topics: Object.keys(topics) as Topic[] },
];
