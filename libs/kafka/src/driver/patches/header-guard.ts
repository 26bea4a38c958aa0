/**
 * kafkajs 2.2.4 puts the headers of a record together by copying, for each, all that it has so far: a thousand headers are a
 * million copies, and the hundred thousand that fit into one record would hold every process that reads it for hours. See
 * kafkajs/src/protocol/recordBatch/record/v0/decoder.js.
 *
 * The guard reads them all, and hands on only those that mean something here, at most twice each: more says no more than that
 * a name was given twice.
 */
import Decoder from 'kafkajs/src/protocol/decoder.js';
import { KNOWN } from '../raw-record.js';

/** Puts the guard into kafkajs; more than once changes nothing. */
export function guardHeaders(): void {
  // Nothing but the headers of a record is read by it.
  Decoder.prototype.readVarIntArray = readKnownHeaders;
}

function readKnownHeaders(this: Decoder, read: (decoder: Decoder) => { key: string }): { key: string }[] {
  const missing = new Map(KNOWN.map((name) => [name, 2]));
  const headers: { key: string }[] = [];
  for (let left = this.readVarInt(); left > 0; left--) {
    const header = read(this);
    const times = missing.get(header.key) ?? 0;
    if (times === 0) continue;
    missing.set(header.key, times - 1);
    headers.push(header);
  }
  return headers;
}
