import type avro from 'avsc';
import { type Event, type EventType, eventSchemas, isEventType } from '@orderflow/contracts';
import { BadRecord, lineOf } from '../errors.js';
import { avroType } from './avro.js';
import { envelopeSchema, subjectOf } from './envelope-schema.js';
import { FRAME_BYTES } from './framing.js';

const types = new Map<EventType, avro.Type>();

/** Today's schema of an event, envelope and data. */
export function currentType(type: EventType): avro.Type {
  const known = types.get(type) ?? avroType(envelopeSchema(type));
  types.set(type, known);
  return known;
}

/** Reads what was written under one schema id. */
export interface Reader {
  /** Undefined when the schema is not one of ours. */
  readonly type: EventType | undefined;
  /** @throws BadRecord `undecodable` or `schema_mismatch` */
  read(framed: Buffer): Event;
}

/**
 * A reader from the schema that wrote to today's (Avro schema resolution).
 * @param writer the schema as the registry gave it
 * @returns a reader that refuses everything when the two do not fit
 */
export function readerOf(writer: string): Reader {
  try {
    const writerType = avroType(JSON.parse(writer));
    const type = ownerOf(writerType.name);
    if (type === undefined) return refusing(`the record was written with ${writerType.name ?? 'a nameless schema'}`);
    const reader = currentType(type);
    const resolver = reader.createResolver(writerType);
    return { type, read: (framed) => decode(reader, resolver, framed) };
  } catch (error) {
    return refusing(`the schema that wrote it does not fit ours: ${lineOf(error)}`);
  }
}

function decode(reader: avro.Type, resolver: Parameters<avro.Type['fromBuffer']>[1], framed: Buffer): Event {
  try {
    return reader.fromBuffer(framed.subarray(FRAME_BYTES), resolver) as Event;
  } catch (error) {
    throw new BadRecord('undecodable', lineOf(error));
  }
}

function refusing(detail: string): Reader {
  return {
    type: undefined,
    read: () => {
      throw new BadRecord('schema_mismatch', detail);
    },
  };
}

function ownerOf(fullName: string | undefined): EventType | undefined {
  const name = fullName?.slice(fullName.lastIndexOf('.') + 1) ?? '';
  return isEventType(name) && Object.hasOwn(eventSchemas, name) && subjectOf(name) === fullName ? name : undefined;
}
