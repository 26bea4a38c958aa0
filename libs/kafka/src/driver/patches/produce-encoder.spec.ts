import { describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import produceApi, { type ProduceRequest } from 'kafkajs/src/protocol/requests/produce/index.js';
import { recordsIn } from '../batches/record-batches.js';
import { encodeProduceRequests } from './produce-encoder.js';

const protocolOfKafkajs = produceApi.protocol;
encodeProduceRequests();
encodeProduceRequests();
jest.spyOn(Date, 'now').mockReturnValue(1_793_000_000_123);

type Request = Omit<ProduceRequest, 'acks' | 'timeout'>;

async function encoded(request: Request, version = 7, protocol = produceApi.protocol): Promise<Buffer> {
  const { buffer } = await protocol({ version })({ acks: -1, timeout: 12_000, ...request }).request.encode();
  return Buffer.from(buffer);
}

const text = fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ minLength: 60, maxLength: 140 }));
const bytes = fc
  .oneof({ weight: 30, arbitrary: fc.nat(300) }, { weight: 1, arbitrary: fc.constant(20_000) })
  .map((length) => Buffer.alloc(length, 'bytes'));
const content = fc.oneof(text, bytes);
const message = fc.record(
  {
    key: fc.option(content),
    value: fc.option(content),
    headers: fc.dictionary(text, content, { maxKeys: 5 }),
  },
  { requiredKeys: ['value'] },
);
const partition = fc.record({
  partition: fc.oneof(fc.nat(5), fc.nat(5).map(String)),
  messages: fc.array(message, { minLength: 1, maxLength: 70, size: 'medium' }),
});
const topic = fc.record({ topic: fc.string({ minLength: 1 }), partitions: fc.array(partition, { maxLength: 3 }) });
const topicData = fc.array(topic, { maxLength: 3 });

const one = (fields: object): Request => ({
  producerId: -1,
  topicData: [{ topic: 't', partitions: [{ partition: 0, firstSequence: 0, messages: [{ value: 'v', ...fields }] }] }],
});

describe('a request of the publisher', () => {
  it('has the bytes that kafkajs would write, in every version', async () => {
    await fc.assert(
      fc.asyncProperty(topicData, fc.integer({ min: 3, max: 7 }), async (data, version) => {
        const request: Request = { producerId: -1, topicData: data as ProduceRequest['topicData'] };
        // Not by a matcher, which compares megabytes one by one.
        expect((await encoded(request, version, protocolOfKafkajs)).equals(await encoded(request, version))).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  it('has always the same bytes', async () => {
    const golden = [
      'ffffffff00002ee000000001000174000000010000000000000065',
      '000000000000000000000059000000000239eb04d3',
      '000000000000000001a17720ca7b000001a17720ca7bffffffffffffffff000000000000',
      '00000001',
      '4e0000000a6f726465720c00010203ff80040a63655f69640269167472616365706172656e740278',
    ];
    const headers = { ce_id: 'i', traceparent: Buffer.from('x') };
    expect(
      (await encoded(one({ key: 'order', value: Buffer.from([0, 1, 2, 3, 255, 128]), headers }))).toString('hex'),
    ).toBe(golden.join(''));
  });

  it('is read by our consumers as it was written', async () => {
    const request = await encoded(one({ key: 'order', value: Buffer.alloc(300, 7), headers: { ce_id: 'an id' } }));
    // Behind the name of the topic, the number of partitions, the partition and the size.
    const batch = request.subarray(request.indexOf('t') + 1 + 12);
    expect(await recordsIn(batch, 0n, { unpacked: 0 })).toMatchObject([
      { key: Buffer.from('order'), value: Buffer.alloc(300, 7), headers: { ce_id: Buffer.from('an id') } },
    ]);
  });
});

describe('any other request', () => {
  const others: [string, Request][] = [
    ['compressed', { ...one({}), compression: 1 }],
    ['of an idempotent producer', { ...one({}), producerId: 7, producerEpoch: 1 }],
    ['of a transaction', { ...one({}), transactionalId: 'x' }],
    ['with timestamps', one({ timestamp: '1793000000000' })],
    ['with two values of a header', one({ headers: { a: ['1', '2'] } })],
  ];
  it.each(others)('is left to kafkajs: one that is %s', async (_what, request) => {
    expect(await encoded(request)).toEqual(await encoded(request, 7, protocolOfKafkajs));
  });
});
