import { type EventType, consumedBy, type Service, type Topic, topicOf } from '@orderflow/contracts';

/** The topics (without prefix) on which what a service hears travels, each once. */
export const topicsHeardBy = (service: Service): readonly Topic[] => [
  ...new Set((consumedBy(service) as readonly EventType[]).map(topicOf)),
];
