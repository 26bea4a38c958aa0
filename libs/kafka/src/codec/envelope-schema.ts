import { type EventType, eventSchemas } from '@orderflow/contracts';

/** The registry's subject: the full name of the record (RecordNameStrategy), e.g. `orderflow.orders.OrderPlaced`. */
export const subjectOf = (type: EventType): string => `orderflow.${eventSchemas[type].owner}.${type}`;

/**
 * The Avro schema of a record, as JSON: the attributes of CloudEvents beside `data`, which is the newest schema in contracts.
 * https://avro.apache.org/docs/1.12.0/specification/
 */
export function envelopeSchema(type: EventType) {
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
