import type avro from 'avsc';
import { type Event, type EventType, isEventType } from '@orderflow/contracts';
import { BadRecord, lineOf } from '../errors.js';
import { avroType } from './avro.js';
import { envelopeSchema, subjectOf } from './envelope-schema.js';
import { FRAME_BYTES } from './framing.js';

const types = new Map<EventType, avro.Type>();

/** The newest schema of an event, envelope and data. */
export function currentType(type: EventType): avro.Type {
  const known = types.get(type) ?? avroType(envelopeSchema(type));
  types.set(type, known);
  return known;
}

/** Decodes the records of one schema id. */
export interface Reader {
  /** Undefined when contracts do not contain the schema. */
  readonly type: EventType | undefined;
  /** @throws BadRecord `undecodable` or `schema_mismatch` */
  read(framed: Buffer): Event;
}

/**
 * A reader that resolves the writer's schema to the newest one (Avro schema resolution).
 * @param writer the schema as the registry returns it
 * @returns a reader that refuses every record when the two schemas are incompatible
 */
export function readerOf(writer: string): Reader {
  try {
    const writerType = avroType(JSON.parse(writer));
    const type = ownerOf(writerType.name);
    if (type === undefined)
      return refusing(`the record was written with ${writerType.name ?? 'a schema without name'}`);
    const reader = currentType(type);
    const resolver = reader.createResolver(writerType);
    return { type, read: (framed) => decode(reader, resolver, framed) };
  } catch (error) {
    return refusing(`the writer's schema is incompatible with ours: ${lineOf(error)}`);
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
  return isEventType(name) && subjectOf(name) === fullName ? name : undefined;
}
