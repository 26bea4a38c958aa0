import { type EventType, heardBy, type Service, type Topic, topicOf } from '@orderflow/contracts';

/** The topics (without prefix) on which what a service hears travels, each once. */
export const topicsHeardBy = (service: Service): readonly Topic[] => [
  ...new Set((heardBy(service) as readonly EventType[]).map(topicOf)),
];
