import crc32c from 'kafkajs/src/protocol/recordBatch/crc32C/index.js';
import { type ByteWriter, varintBytes } from './byte-writer.js';

type Content = Buffer | string;

/** A record as kafkajs' producer takes it, without a timestamp of its own. */
export interface PlainRecord {
  readonly key?: Content | null;
  readonly value: Content | null;
  readonly headers?: Readonly<Record<string, Content>>;
}

const MAGIC = 2;
const NO_PRODUCER = -1;

/**
 * Writes a batch behind its length, uncompressed and of no idempotent producer.
 * https://kafka.apache.org/documentation/#recordbatch
 * @param now time of all of its records, in milliseconds
 */
export function writeBatch(writer: ByteWriter, records: readonly PlainRecord[], now: number): void {
  const sizeAt = writer.length;
  writer.int32(0);
  writer.int64(0);
  const lengthAt = writer.length;
  writer.int32(0);
  writer.int32(0);
  writer.int8(MAGIC);
  const checksumAt = writer.length;
  writer.int32(0);
  const bodyAt = writer.length;
  writer.int16(0);
  writer.int32(records.length - 1);
  writer.int64(now);
  writer.int64(now);
  writer.int64(NO_PRODUCER);
  writer.int16(0);
  writer.int32(0);
  writer.int32(records.length);
  for (const [offset, record] of records.entries()) writeRecord(writer, record, offset);
  writer.int32(crc32c(writer.since(bodyAt)), checksumAt);
  writer.int32(writer.length - lengthAt - 4, lengthAt);
  writer.int32(writer.length - sizeAt - 4, sizeAt);
}

/** https://kafka.apache.org/documentation/#record */
function writeRecord(writer: ByteWriter, { key, value, headers = {} }: PlainRecord, offset: number): void {
  const named = Object.entries(headers);
  const ofHeaders = named.reduce((sum, [name, header]) => sum + contentBytes(name) + contentBytes(header), 0);
  // The attributes, and the time behind the batch's: one byte each.
  writer.varint(
    2 + varintBytes(offset) + contentBytes(key) + contentBytes(value) + varintBytes(named.length) + ofHeaders,
  );
  writer.int8(0);
  writer.varint(0);
  writer.varint(offset);
  writeContent(writer, key);
  writeContent(writer, value);
  writer.varint(named.length);
  for (const [name, header] of named) {
    writeContent(writer, name);
    writeContent(writer, header);
  }
}

type Optional = Content | null | undefined;

const lengthOf = (content: Optional): number =>
  content === null || content === undefined ? -1 : Buffer.byteLength(content);

function contentBytes(content: Optional): number {
  const length = lengthOf(content);
  return varintBytes(length) + Math.max(0, length);
}

function writeContent(writer: ByteWriter, content: Optional): void {
  const length = lengthOf(content);
  writer.varint(length);
  writer.content(content ?? '', Math.max(0, length));
}
