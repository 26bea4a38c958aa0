/**
 * kafkajs 2.2.4 copies all headers read so far for each further header of a record: a thousand headers cost a million copies,
 * and the hundred thousand that fit into one record block every process that reads it for hours. See
 * kafkajs/src/protocol/recordBatch/record/v0/decoder.js.
 *
 * The guard keeps only the known headers, at most twice each: two are enough to see that a name was given more than once.
 */
import Decoder from 'kafkajs/src/protocol/decoder.js';
import { KNOWN } from '../raw-record.js';

/** Patches kafkajs; further calls change nothing. */
export function guardHeaders(): void {
  // kafkajs calls this method for the headers of a record only.
  Decoder.prototype.readVarIntArray = readKnownHeaders;
}

function readKnownHeaders(this: Decoder, read: (decoder: Decoder) => { key: string }): { key: string }[] {
  const missing = new Map(KNOWN.map((name) => [name, 2]));
  const headers: { key: string }[] = [];
  for (let left = this.readVarInt(); left > 0; left--) {
    const header = read(this);
    const times = missing.get(header.key) ?? 0;
    // guard: a record with very many headers costs no more than its bytes
    if (times === 0) continue;
    missing.set(header.key, times - 1);
    headers.push(header);
  }
  return headers;
}
