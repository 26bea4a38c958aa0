import { type Event, eventSchemas, type EventType, topicOf } from '@orderflow/contracts';
import type { RawRecord } from '../src/broker.js';
import { eventHeaders } from '../src/codec/record-headers.js';

export const allTypes = Object.keys(eventSchemas) as EventType[];

/** The record of an event. */
export const recordOf = (event: Event, value: Buffer | null, changes: Partial<RawRecord> = {}): RawRecord => ({
  topic: topicOf(event.type),
  partition: 0,
  offset: '0',
  timestamp: new Date(0),
  key: Buffer.from(event.subject),
  value,
  headers: Object.fromEntries(Object.entries(eventHeaders(event)).map(([name, text]) => [name, Buffer.from(text)])),
  ...changes,
});
