import { type EventType, eventSchemas } from '@orderflow/contracts';

/** An Avro schema as JSON. https://avro.apache.org/docs/1.12.0/specification/ */
export interface AvroRecord {
  readonly type: 'record';
  readonly name: string;
  readonly namespace: string;
  readonly doc: string;
  readonly fields: readonly { readonly name: string; readonly type: unknown }[];
}

/** The registry's subject: the full name of the record (RecordNameStrategy), e.g. `orderflow.orders.OrderPlaced`. */
export const subjectOf = (type: EventType): string => `orderflow.${eventSchemas[type].owner}.${type}`;

/** The schema of a record: the attributes of CloudEvents beside `data`, which is the newest schema in contracts. */
export function envelopeSchema(type: EventType): AvroRecord {
  const { owner, schema } = eventSchemas[type];
  return {
    type: 'record',
    name: type,
    namespace: `orderflow.${owner}`,
    doc: schema.doc,
    fields: [
      { name: 'id', type: 'string' },
      { name: 'source', type: 'string' },
      { name: 'type', type: 'string' },
      { name: 'subject', type: 'string' },
      { name: 'time', type: 'string' },
      { name: 'correlationId', type: 'string' },
      { name: 'causationId', type: 'string' },
      { name: 'sequence', type: 'long' },
      { name: 'schemaVersion', type: 'string' },
      { name: 'data', type: { ...schema, name: `${type}Data` } },
    ],
  };
}
