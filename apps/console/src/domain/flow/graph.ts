import {
  consumedBy,
  eventSchemas,
  type EventType,
  eventsOf,
  orderSaga,
  type Service,
  services,
  type Topic,
  topicOf,
  topics,
} from '@orderflow/contracts';

/** A service with the topics that it publishes to. */
export interface Producer {
  readonly service: Service;
  readonly topics: readonly Topic[];
}

/** A consumer group, without prefix, with the topics that it reads. */
export interface Group {
  readonly group: string;
  readonly program: Service | 'console';
  readonly topics: readonly Topic[];
}

const topicsOf = (types: readonly EventType[]): Topic[] => [...new Set(types.map(topicOf))];
const inOrderOfTheSaga = [...new Set<EventType>(orderSaga.flatMap(({ publishes }) => publishes))];

/** Every event, by its publisher, and then in the order in which the saga table has it. */
export const eventTypes: readonly EventType[] = services.flatMap((service) =>
  inOrderOfTheSaga.filter((type) => eventSchemas[type].owner === service),
);

export const producers: readonly Producer[] = services.map((service) => ({
  service,
  topics: topicsOf(eventsOf(service)),
}));

/** Topics of events; dead letters are no events. */
export const eventTopics = topicsOf(eventTypes).map((topic) => ({
  topic,
  events: eventTypes.filter((type) => topicOf(type) === topic),
}));

/** The consumer group in which the console fills its journal, without prefix. */
export const JOURNAL_GROUP = 'console.journal';

/** The groups of the saga, the read model of orders, and the journal. */
export const groups: readonly Group[] = [
  ...services.map((service) => ({ group: service, program: service, topics: topicsOf(consumedBy(service)) })),
  // Every event about an order.
  {
    group: 'orders.views',
    program: 'orders',
    topics: topicsOf(eventTypes.filter((type) => type !== 'ProductChanged')),
  },
  { group: JOURNAL_GROUP, program: 'console', topics: Object.keys(topics) as Topic[] },
];
