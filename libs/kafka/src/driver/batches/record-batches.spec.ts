import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { batchBytes, type BatchFields, type RecordFields } from '../../../test/batch-bytes.js';
import { knownHeaders } from '../raw-record.js';
import { recordsIn } from './record-batches.js';

const MIB = 1024 * 1024;
const read = (bytes: Buffer, from = 0n, budget = { unpacked: 0 }) => recordsIn(bytes, from, budget);
const readBatch = (records: readonly RecordFields[], batch?: BatchFields) => read(batchBytes(records, batch));
const of = (text: string): RecordFields => ({ key: text, value: Buffer.from(text) });
const GZIP = 9;
const LZ4 = 11;
const ZSTD = 12;

describe('the batches of a fetch', () => {
  it('are read in order, with offset, time, key and value', async () => {
    const records = await read(Buffer.concat([batchBytes([of('a'), of('b')]), batchBytes([of('c')], { first: 2n })]));
    expect(records.map(({ offset, value }) => `${offset} ${String(value)}`)).toEqual(['0 a', '1 b', '2 c']);
    expect(records[0]).toMatchObject({ timestamp: '2000', key: Buffer.from('a'), isControlRecord: false });
  });

  it('may begin before the offset that was asked for, and may be cut off at the end', async () => {
    const bytes = Buffer.concat([batchBytes([of('a'), of('b')]), batchBytes([of('c')], { first: 2n }).subarray(0, 50)]);
    expect((await read(bytes, 1n)).map(({ offset }) => offset)).toEqual(['1']);
  });

  it('that compaction has emptied count as read', async () => {
    const emptied = { offset: '7', isControlRecord: true };
    expect(await readBatch([], { first: 5n, lastDelta: 2 })).toMatchObject([emptied]);
    expect(await readBatch([of('a')], { first: 5n, lastDelta: 2 })).toMatchObject([{ offset: '5' }, emptied]);
  });

  it('may hold more records than are handled at once: the rest comes with the next fetch', async () => {
    const bytes = batchBytes(Array.from({ length: 5_000 }, () => of('a')));
    const first = await read(bytes);
    const second = await read(bytes, BigInt(first.at(-1)!.offset) + 1n);
    expect(first.length).toBeLessThan(5_000);
    expect(second[0]!.offset).toBe(String(first.length));
  });

  it('give a header that is known; one that was given twice is not handed on', async () => {
    const headers = [
      ['ce_id', '1'],
      ['x', '2'],
      ['ce_type', '3'],
      ['ce_type', '3'],
      ['ce_type', '3'],
    ] as const;
    const [record] = await readBatch([{ headers }]);
    expect(knownHeaders(record!.headers)).toEqual({ ce_id: Buffer.from('1') });
  });

  it('keep only the known ones of 5,000 headers', async () => {
    const many = Array.from({ length: 5_000 }, (_, i) => [`x-${i}`, ''] as const);
    const [record] = await readBatch([{ headers: [...many, ['ce_id', '1']] }]);
    expect(Object.keys(record!.headers)).toEqual(['ce_id']);
  });
});

describe('a batch that cannot be unpacked is one record without its bytes', () => {
  const after = batchBytes([of('next')], { first: 2n });
  const readBefore = async (records: readonly RecordFields[], batch: BatchFields) =>
    read(Buffer.concat([batchBytes(records, batch), after]));

  it.each<[string, BatchFields]>([
    ['of an unknown codec', { attributes: 15 }],
    ['of gzip, damaged', { attributes: GZIP, pack: (bytes) => gzipSync(bytes).subarray(0, 15) }],
    ['of lz4 that is none', { attributes: LZ4 }],
    ['of zstd that is none', { attributes: ZSTD }],
    ['of a format that is no longer stored', { magic: 1 }],
  ])('%s', async (_, batch) => {
    const records = await readBefore([of('a'), of('b')], batch);
    expect(records[0]).toMatchObject({ offset: '0', value: null, isControlRecord: false });
    expect(records[0]!.omitted).toMatchObject({
      why: 'unreadable_batch',
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(records.at(-1)).toMatchObject({ offset: '2', value: Buffer.from('next') });
  });

  it('with more records than it holds: those that are there are read', async () => {
    const records = await readBefore([of('a')], { count: 2, lastDelta: 1 });
    expect(records.map(({ omitted, offset }) => omitted?.why ?? offset)).toEqual(['0', 'unreadable_batch', '2']);
  });

  it.each([
    ['gzip', GZIP, gzipSync],
    ['zstd', ZSTD, zstdCompressSync],
  ])('of %s, with more bytes than the limit', async (_, attributes, pack) => {
    const records = await readBefore([{ value: Buffer.alloc(9 * MIB) }], { attributes, pack, lastDelta: 1 });
    expect(records.map(({ omitted, offset }) => omitted?.why ?? offset)).toEqual(['unreadable_batch', '1', '2']);
  });
});

describe('memory', () => {
  // proves: a record that is too large is kept without its bytes
  it('of a record that is too large is freed: its size and hash are kept', async () => {
    const [record] = await readBatch([{ key: 'k', value: Buffer.alloc(2 * MIB) }]);
    expect(record).toMatchObject({ key: null, value: null, omitted: { why: 'too_large', bytes: 2 * MIB + 1 } });
  });

  // proves: the batches of a fetch unpack to a bounded size together
  it('of a fetch is bounded: the batches that would unpack to more are left for the next one', async () => {
    const batch = (first: bigint) =>
      batchBytes([{ value: Buffer.alloc(6 * MIB) }], { first, attributes: GZIP, pack: gzipSync });
    const bytes = Buffer.concat([batch(0n), batch(1n), batch(2n)]);
    expect((await read(bytes)).map(({ offset }) => offset)).toEqual(['0', '1']);
    expect((await read(bytes, 2n)).map(({ offset }) => offset)).toEqual(['2']);
  });
});
