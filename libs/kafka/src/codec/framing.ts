import { BadRecord } from '../errors.js';

/** Bytes before the Avro data: 0x00 and the schema id, four bytes, big-endian. */
export const FRAME_BYTES = 5;

/**
 * The schema id of a framed value.
 * https://docs.confluent.io/platform/current/schema-registry/fundamentals/serdes-develop/index.html#wire-format
 * @throws BadRecord `not_framed`
 */
export function schemaIdOf(value: Buffer | null): number {
  if (value === null) throw new BadRecord('not_framed', 'the record has no value');
  if (value.length <= FRAME_BYTES || value[0] !== 0)
    throw new BadRecord('not_framed', 'the value does not begin with a schema id');
  return value.readInt32BE(1);
}

/** Writes the frame into the first five bytes of `target`. */
export function writeFrame(target: Buffer, schemaId: number): void {
  target[0] = 0;
  target.writeInt32BE(schemaId, 1);
}
