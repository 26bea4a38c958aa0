import {
  eventSchemas,
  type EventType,
  eventsOf,
  orderSaga,
  type Service,
  services,
  type Topic,
  topicOf,
  topicsOf,
} from '@orderflow/contracts';

/** A service with the topics that it publishes to. */
export interface Producer {
  readonly service: Service;
  readonly topics: readonly Topic[];
}

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
