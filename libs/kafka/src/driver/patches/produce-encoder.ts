/**
 * kafkajs 2.2.4 makes an object with a buffer of 512 bytes for each record and for each header of it, and copies each into the
 * next larger one: half of the CPU that a producer takes for a record. See
 * kafkajs/src/protocol/requests/produce/v3/request.js and ../../recordBatch/record/v0/index.js.
 *
 * The patch writes the requests of the outbox's publisher at once, to the same bytes. Those that are compressed, of an idempotent
 * producer, or have timestamps or several values of a header are left to kafkajs.
 */
import type { Message } from 'kafkajs';
import produceApi, { type ProduceRequest } from 'kafkajs/src/protocol/requests/produce/index.js';
import { ByteWriter } from '../batches/byte-writer.js';
import { type PlainRecord, writeBatch } from '../batches/write-batch.js';

/** The first version with batches of this format; up to 7, the last one of kafkajs, the request stays the same. */
const OLDEST = 3;
const NO_PRODUCER = -1;
const NO_TRANSACTION = -1;

const protocolUnpatched = produceApi.protocol;

/** Patches kafkajs; further calls change nothing. */
export function encodeProduceRequests(): void {
  produceApi.protocol = patchedProtocol;
}

const patchedProtocol: typeof protocolUnpatched = ({ version }) => {
  const protocol = protocolUnpatched({ version });
  if (version < OLDEST) return protocol;
  return (request) => {
    const unpatched = protocol(request);
    if (!isPlain(request)) return unpatched;
    return { ...unpatched, request: { ...unpatched.request, encode: async () => Promise.resolve(encode(request)) } };
  };
};

function isPlain({ transactionalId, producerId, compression, topicData }: ProduceRequest): boolean {
  if (transactionalId !== undefined || producerId !== NO_PRODUCER || (compression ?? 0) !== 0) return false;
  return topicData.every(({ partitions }) => partitions.every(({ messages }) => messages.every(isPlainRecord)));
}

const isPlainRecord = ({ timestamp, headers = {} }: Message): boolean =>
  timestamp === undefined &&
  Object.values(headers).every((header) => typeof header === 'string' || Buffer.isBuffer(header));

/** https://kafka.apache.org/protocol#The_Messages_Produce @returns as much of kafkajs' encoder as its callers use */
function encode({ acks, timeout, topicData }: ProduceRequest): { readonly buf: Buffer; readonly buffer: Buffer } {
  const writer = new ByteWriter();
  writer.int16(NO_TRANSACTION);
  writer.int16(acks);
  writer.int32(timeout);
  writer.int32(topicData.length);
  for (const { topic, partitions } of topicData) {
    const bytes = Buffer.byteLength(topic);
    writer.int16(bytes);
    writer.content(topic, bytes);
    writer.int32(partitions.length);
    for (const { partition, messages } of partitions) {
      writer.int32(Number(partition));
      writeBatch(writer, messages as readonly PlainRecord[], Date.now());
    }
  }
  const buffer = writer.since(0);
  return { buf: buffer, buffer };
}
