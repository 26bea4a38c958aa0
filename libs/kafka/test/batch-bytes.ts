/** Writes batches as a broker stores them. https://kafka.apache.org/documentation/#recordbatch */
export interface RecordFields {
  readonly delta?: number;
  readonly key?: string;
  readonly value?: Buffer;
  readonly headers?: readonly (readonly [name: string, value: string])[];
}

export interface BatchFields {
  readonly first?: bigint;
  /** Codec in the lowest three bits. */
  readonly attributes?: number;
  /** Applied to the records. */
  readonly pack?: (records: Buffer) => Buffer;
  /** By default, that of the last record. */
  readonly lastDelta?: number;
  /** By default, the number of records. */
  readonly count?: number;
  readonly magic?: number;
}

/** https://protobuf.dev/programming-guides/encoding/#signed-ints */
function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value < 0 ? -2 * value - 1 : 2 * value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return Buffer.from([...bytes, rest]);
}

const field = (bytes: Buffer | undefined): Buffer[] =>
  bytes === undefined ? [varint(-1)] : [varint(bytes.length), bytes];

function recordBytes({ key, value, headers = [], delta }: RecordFields, index: number): Buffer {
  const body = Buffer.concat([
    Buffer.from([0]),
    varint(0),
    varint(delta ?? index),
    ...field(key === undefined ? undefined : Buffer.from(key)),
    ...field(value),
    varint(headers.length),
    ...headers.flatMap((header) => header.flatMap((text) => field(Buffer.from(text)))),
  ]);
  return Buffer.concat([varint(body.length), body]);
}

export function batchBytes(records: readonly RecordFields[], batch: BatchFields = {}): Buffer {
  const { first = 0n, attributes = 8, pack = (bytes) => bytes, magic = 2 } = batch;
  const lastDelta = batch.lastDelta ?? records.at(-1)?.delta ?? records.length - 1;
  const body = pack(Buffer.concat(records.map(recordBytes)));
  const header = Buffer.alloc(61);
  header.writeBigInt64BE(first, 0);
  header.writeInt32BE(header.length - 12 + body.length, 8);
  header.writeInt8(magic, 16);
  header.writeInt16BE(attributes, 21);
  header.writeInt32BE(lastDelta, 23);
  header.writeBigInt64BE(1_000n, 27);
  header.writeBigInt64BE(2_000n, 35);
  header.writeBigInt64BE(-1n, 43);
  header.writeInt32BE(batch.count ?? records.length, 57);
  return Buffer.concat([header, body]);
}
