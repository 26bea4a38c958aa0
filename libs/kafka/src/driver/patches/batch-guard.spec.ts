import fetchApi from 'kafkajs/src/protocol/requests/fetch/index.js';
import { gzipSync } from 'node:zlib';
import { expect, it } from '@jest/globals';
import { batchBytes } from '../../../test/batch-bytes.js';
import { ByteWriter } from '../batches/byte-writer.js';
import { guardBatches } from './batch-guard.js';

const TOPIC = 'orders.events';
const GZIP = 1;
const MIB = 1024 * 1024;

/** https://kafka.apache.org/protocol#The_Messages_Fetch, version 11. @param partitions the batches of each */
function answer(partitions: readonly Buffer[]): Buffer {
  const writer = new ByteWriter();
  writer.int32(0);
  writer.int16(0);
  writer.int32(0);
  writer.int32(1);
  writer.int16(TOPIC.length);
  writer.content(TOPIC, TOPIC.length);
  writer.int32(partitions.length);
  partitions.forEach((batches, partition) => {
    writer.int32(partition);
    writer.int16(0);
    for (let offsets = 0; offsets < 3; offsets++) writer.int64(9);
    writer.int32(0);
    writer.int32(-1);
    writer.int32(batches.length);
    writer.content(batches, batches.length);
  });
  return writer.since(0);
}

it('a partition full of large batches does not hold up the others at each fetch', async () => {
  guardBatches();
  const large = (first: bigint) =>
    batchBytes([{ value: Buffer.alloc(6 * MIB) }], { first, attributes: GZIP, pack: gzipSync });
  const bytes = answer(Array.from({ length: 2 }, () => Buffer.concat([large(0n), large(1n)])));
  const asked = [0, 1].map((partition) => ({ partition, fetchOffset: '0' }));
  const { response } = fetchApi.protocol({ version: 11 })({ topics: [{ topic: TOPIC, partitions: asked }] });
  const fed = new Set<number>();
  for (let fetches = 0; fetches < 40; fetches++) {
    const { responses } = (await response.decode(bytes)) as {
      responses: [{ partitions: { partition: number; messages: object[] }[] }];
    };
    const [one, ...more] = responses[0].partitions.filter(({ messages }) => messages.length > 0);
    expect(more).toEqual([]);
    fed.add(one!.partition);
    if (fed.size === 2) break;
  }
  expect(fed.size).toBe(2);
});
