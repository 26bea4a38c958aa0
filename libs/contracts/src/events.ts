import { type EventData, eventSchemas } from './generated/events.js';

export { type EventData, eventSchemas };

/** The name of an event: a folder in `schemas/`. */
export type EventType = keyof EventData;

/** The service that owns an event: the folder above it in `schemas/`. */
export type Service = (typeof eventSchemas)[EventType]['owner'];

/** Every service that publishes events; the order is that of their ports. */
export const services = ['orders', 'inventory', 'payments', 'notifications'] as const satisfies readonly Service[];

/** Type and data of an event, without its envelope. */
export type EventBody<Type extends EventType = EventType> = {
  [T in Type]: { readonly type: T; readonly data: EventData[T] };
}[Type];

/**
 * An event with its envelope: the attributes of CloudEvents 1.0 beside its data.
 * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md
 */
export type Event<Type extends EventType = EventType> = EventBody<Type> & Envelope;

export interface Envelope {
  /** UUIDv7, the same on every resend. */
  readonly id: string;
  /** The service that publishes it. */
  readonly source: Service;
  /** The order (for `ProductChanged` the SKU) that it is about; also the key of the Kafka record. */
  readonly subject: string;
  /** Business time, an ISO 8601 UTC instant. */
  readonly time: string;
  /** Id of the request at the start of the saga. */
  readonly correlationId: string;
  /** Id of the event or request that caused this one. */
  readonly causationId: string;
  /** Position among the events of this source about this subject, from 1. */
  readonly sequence: number;
  /** Version of the data's schema, semver. */
  readonly schemaVersion: string;
}

const types = Object.keys(eventSchemas) as EventType[];

/** Is there a schema for an event of this name? */
export const isEventType = (name: string): name is EventType => Object.hasOwn(eventSchemas, name);

/** The fields of an event that no view shows: their schema marks them as `confidential`. */
export const confidentialFieldsOf = (type: EventType): readonly string[] =>
  eventSchemas[type].schema.fields.flatMap((field) => ('confidential' in field ? [field.name] : []));

/** The events that a service publishes. */
export const eventsOf = (service: Service): readonly EventType[] =>
  types.filter((type) => eventSchemas[type].owner === service);
