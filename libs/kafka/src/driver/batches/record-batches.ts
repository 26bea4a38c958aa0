import { createHash } from 'node:crypto';
import type { Omitted } from '../../broker.js';
import { lineOf } from '../../errors.js';
import { ByteReader } from './byte-reader.js';
import { readRecord, type StoredRecord } from './record.js';
import { isCompressed, unpack } from './unpack.js';

// Of one batch. A broker takes batches of 1 MiB by default, and producers count a record before it is compressed.
const MOST_UNPACKED_BYTES = 8 * 1024 * 1024;
// Of one fetch: a small answer may hold many batches, each of which unpacks to the limit.
const FETCH_UNPACKED_BYTES = 8 * 1024 * 1024;
// Of one partition and fetch. A batch may hold a million records of a few bytes; the rest comes with the next fetch.
const MOST_RECORDS = 2_000;

const LENGTH_AT = 8;
const MAGIC_AT = 16;
const HEADER_BYTES = 61;
const TRANSACTIONAL = 0x10;
const CONTROL = 0x20;
const APPEND_TIME = 0x8;

/** The bytes that the compressed batches of one fetch unpacked to, so far. */
export interface Budget {
  unpacked: number;
}

/** The attributes of a batch that all of its records share. */
interface Batch {
  readonly first: bigint;
  readonly last: bigint;
  readonly attributes: number;
  readonly firstTimestamp: bigint;
  readonly maxTimestamp: bigint;
  readonly producerId: string;
  readonly count: number;
  /** As stored, perhaps compressed. */
  readonly records: Buffer;
}

/**
 * The records of one partition's answer, from offset `from` on, at most about 2,000. A batch or a record that cannot be
 * unpacked or read is one record with `omitted`, in its place: nothing that is stored makes this throw.
 * @param bytes whole batches; the last one may be cut off, and is then left out
 */
export async function recordsIn(bytes: Buffer, from: bigint, budget: Budget): Promise<StoredRecord[]> {
  const records: StoredRecord[] = [];
  for (let at = 0; at + MAGIC_AT < bytes.length && records.length < MOST_RECORDS;) {
    const end = at + LENGTH_AT + 4 + bytes.readInt32BE(at + LENGTH_AT);
    if (end > bytes.length || end <= at + MAGIC_AT) break;
    const stored = bytes.subarray(at, end);
    const batch = headerOf(stored);
    at = end;
    if (batch.last < from) continue;
    // guard: the batches of a fetch unpack to a bounded size together
    if (isCompressed(batch.attributes) && budget.unpacked >= FETCH_UNPACKED_BYTES) break;
    await addBatch(records, batch, { stored, from, budget });
  }
  return records;
}

function headerOf(stored: Buffer): Batch {
  const reader = new ByteReader(stored);
  const first = reader.int64();
  const isReadable = stored.readInt8(MAGIC_AT) === 2 && stored.length >= HEADER_BYTES;
  // Kafka 4 stores no other format. A batch in one is parked as unreadable.
  if (!isReadable)
    return {
      first,
      last: first,
      attributes: 0,
      firstTimestamp: 0n,
      maxTimestamp: 0n,
      producerId: '-1',
      count: -1,
      records: stored,
    };
  reader.position = MAGIC_AT + 5;
  const attributes = reader.int16();
  const last = first + BigInt(reader.int32());
  const firstTimestamp = reader.int64();
  const maxTimestamp = reader.int64();
  const producerId = String(reader.int64());
  reader.position = HEADER_BYTES - 4;
  const count = reader.int32();
  return {
    first,
    last,
    attributes,
    firstTimestamp,
    maxTimestamp,
    producerId,
    count,
    records: stored.subarray(HEADER_BYTES),
  };
}

interface Reading {
  readonly stored: Buffer;
  readonly from: bigint;
  readonly budget: Budget;
}

async function addBatch(records: StoredRecord[], batch: Batch, { stored, from, budget }: Reading): Promise<void> {
  let next = batch.first > from ? batch.first : from;
  try {
    if (batch.count < 0) throw new RangeError('an unknown format of batches');
    const content = await unpack(batch.attributes, batch.records, MOST_UNPACKED_BYTES);
    if (isCompressed(batch.attributes)) budget.unpacked += content.length;
    const reader = new ByteReader(content);
    for (let left = batch.count; left > 0; left--) {
      const record = readRecord(reader, contextOf(batch), from);
      if (record === undefined) continue;
      if (records.length >= MOST_RECORDS) return;
      records.push(record);
      next = BigInt(record.offset) + 1n;
    }
  } catch (error) {
    // guard: a batch that cannot be unpacked is one record without its bytes
    records.push({ ...emptyRecord(batch, next), isControlRecord: false, omitted: unreadable(stored, batch, error) });
    next += 1n;
  }
  // Records that compaction removed still count: without this one, the next fetch would read the same batch again, for ever.
  if (next <= batch.last) records.push(emptyRecord(batch, batch.last));
}

const contextOf = ({ first, attributes, firstTimestamp, maxTimestamp, producerId }: Batch) => ({
  first,
  timestampOf: (delta: bigint) => ((attributes & APPEND_TIME) === 0 ? firstTimestamp + delta : maxTimestamp),
  isControlRecord: (attributes & CONTROL) !== 0,
  batchContext: { producerId, inTransaction: (attributes & TRANSACTIONAL) !== 0 },
});

/** kafkajs passes over control records, and resolves their offset. */
function emptyRecord(batch: Batch, offset: bigint): StoredRecord {
  const { batchContext } = contextOf(batch);
  const timestamp = String(batch.maxTimestamp < 0n ? 0n : batch.maxTimestamp);
  return {
    offset: String(offset),
    timestamp,
    key: null,
    value: null,
    headers: {},
    isControlRecord: true,
    batchContext,
  };
}

function unreadable(stored: Buffer, { last, count }: Batch, error: unknown): Omitted {
  const detail = `a batch of ${count < 0 ? 'unknown' : count} records up to offset ${last}: ${lineOf(error)}`;
  const sha256 = createHash('sha256').update(stored).digest('hex');
  return { why: 'unreadable_batch', detail, bytes: stored.length, sha256 };
}
