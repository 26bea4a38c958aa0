import { type EventData, eventSchemas } from './generated/events.js';

export { type EventData, eventSchemas };

/** The name of an event that stands in `schemas/`. */
export type EventType = keyof EventData;

/** The service whose events these are: the folder in `schemas/`. */
export type Service = (typeof eventSchemas)[EventType]['owner'];

/** Every service that publishes events; the order is that of their ports. */
export const services = ['orders', 'inventory', 'payments', 'notifications'] as const satisfies readonly Service[];

/** What a service publishes: type and data, before it has an envelope. */
export type EventBody<Type extends EventType = EventType> = {
  [T in Type]: { readonly type: T; readonly data: EventData[T] };
}[Type];

/**
 * An event as it travels: the attributes of CloudEvents 1.0 beside its data.
 * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md
 */
export type Event<Type extends EventType = EventType> = EventBody<Type> & Envelope;

export interface Envelope {
  /** UUIDv7, the same on every resend. */
  readonly id: string;
  /** The service that publishes it. */
  readonly source: Service;
  /** The order (for `ProductChanged` the SKU) it is about: also the record's key. */
  readonly subject: string;
  /** Business time, an ISO 8601 UTC instant. */
  readonly time: string;
  /** The id of the request that began it all. */
  readonly correlationId: string;
  /** The id of the event or request that led to this one. */
  readonly causationId: string;
  /** Position among what this source said about this subject, from 1. */
  readonly sequence: number;
  /** Version of the data's schema, semver. */
  readonly schemaVersion: string;
}

const types = Object.keys(eventSchemas) as EventType[];

/** Is this the name of an event of ours? */
export const isEventType = (name: string): name is EventType => Object.hasOwn(eventSchemas, name);

/** The events that a service publishes. */
export const eventsOf = (service: Service): readonly EventType[] =>
  types.filter((type) => eventSchemas[type].owner === service);
