import { type EventType, eventsOf, services } from '@orderflow/contracts';

export type { EventType };

/** The service that publishes each event. */
export const eventOwners: Readonly<Partial<Record<EventType, string>>> = Object.fromEntries(
  services.flatMap((service) => eventsOf(service).map((type) => [type, service])),
);
