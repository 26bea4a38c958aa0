import { createHash } from 'node:crypto';
import type { Omitted } from '../../broker.js';
import { KNOWN } from '../raw-record.js';
import type { ByteReader } from './byte-reader.js';

/** A record as kafkajs' consumer expects it. */
export interface StoredRecord {
  readonly offset: string;
  /** Milliseconds since the epoch. */
  readonly timestamp: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** The known headers only; each value that was given, at most two. */
  readonly headers: Record<string, Buffer | Buffer[]>;
  readonly isControlRecord: boolean;
  readonly batchContext: { readonly producerId: string; readonly inTransaction: boolean };
  readonly omitted?: Omitted;
}

/** What the records of one batch share. */
interface Context extends Pick<StoredRecord, 'isControlRecord' | 'batchContext'> {
  readonly first: bigint;
  readonly timestampOf: (delta: bigint) => bigint;
}

// What a broker stores by default. Events are smaller: the outbox refuses larger ones.
const MOST_RECORD_BYTES = 1024 * 1024;

/**
 * Reads the next record. https://kafka.apache.org/documentation/#record
 * @returns undefined where its offset is below `from`
 * @throws RangeError where its lengths do not fit its bytes
 */
export function readRecord(
  reader: ByteReader,
  { first, timestampOf, ...shared }: Context,
  from: bigint,
): StoredRecord | undefined {
  const length = reader.varint();
  const end = reader.position + length;
  if (length < 0 || length > reader.left) throw new RangeError(`a record of ${length} bytes`);
  reader.int8();
  const timestamp = String(timestampOf(reader.varlong()));
  const offset = first + BigInt(reader.varint());
  if (offset < from) {
    reader.position = end;
    return undefined;
  }
  const key = reader.varintBytes();
  const value = reader.varintBytes();
  const headers = knownHeadersOf(reader);
  if (reader.position !== end) throw new RangeError('a record that is longer than its fields');
  const position = { offset: String(offset), timestamp, headers, ...shared };
  // guard: a record that is too large is kept without its bytes
  return length > MOST_RECORD_BYTES
    ? { ...position, key: null, value: null, omitted: tooLarge(key, value) }
    : { ...position, key, value };
}

/**
 * kafkajs copies all headers read so far for each further header: the hundred thousand that fit into one record would block
 * every process that reads it for hours. Two values of a name are enough to see that it was given more than once.
 */
function knownHeadersOf(reader: ByteReader): Record<string, Buffer | Buffer[]> {
  const headers: Record<string, Buffer | Buffer[]> = {};
  for (let left = reader.varint(); left > 0; left--) {
    const nameBytes = reader.varint();
    const name = reader.take(nameBytes).toString('utf8');
    const value = reader.varintBytes() ?? Buffer.alloc(0);
    if (KNOWN.includes(name)) headers[name] = name in headers ? [value, value] : value;
  }
  return headers;
}

function tooLarge(key: Buffer | null, value: Buffer | null): Omitted {
  const bytes = (key?.length ?? 0) + (value?.length ?? 0);
  const hash = createHash('sha256');
  for (const part of [key, value]) if (part !== null) hash.update(part);
  return { why: 'too_large', detail: `a record of ${bytes} bytes`, bytes, sha256: hash.digest('hex') };
}
