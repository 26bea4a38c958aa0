/**
 * kafkajs 2.2.4 decodes the batches of a fetch before its consumer sees a record of them. It knows no lz4, snappy or zstd, and
 * throws an error that ends the consumer for good: one such batch ends every process that consumes its topic, at each restart
 * again. It unpacks gzip without a bound, and copies all headers of a record for each further one. See
 * kafkajs/src/protocol/requests/fetch/v11/response.js and ../../recordBatch/v0/decoder.js.
 *
 * The guard decodes the answers of a fetch by batches/record-batches.ts.
 */
import fetchApi, { type FetchedPartition, type FetchRequest } from 'kafkajs/src/protocol/requests/fetch/index.js';
import { type Budget, recordsIn } from '../batches/record-batches.js';
import { ByteReader } from '../batches/byte-reader.js';

/** The oldest version that has the fields of 11, apart from the replica to read from (Kafka 1.1). */
const OLDEST = 7;
const WITH_REPLICA = 11;

const protocolUnguarded = fetchApi.protocol;

/** Patches kafkajs; further calls change nothing. */
export function guardBatches(): void {
  fetchApi.protocol = guardedProtocol;
}

const guardedProtocol: typeof protocolUnguarded = ({ version }) => {
  if (version < OLDEST) throw new Error('KAFKA_BROKERS run a Kafka before 1.1: use a newer one');
  return (request) => {
    const unguarded = protocolUnguarded({ version })(request);
    // guard: nothing that is stored in a topic ends its consumers
    return { ...unguarded, response: { ...unguarded.response, decode: (bytes) => decode(bytes, version, request) } };
  };
};

/** https://kafka.apache.org/protocol#The_Messages_Fetch */
async function decode(bytes: Buffer, version: number, request: FetchRequest) {
  const reader = new ByteReader(bytes);
  const clientSideThrottleTime = reader.int32();
  const errorCode = reader.int16();
  const sessionId = reader.int32();
  const packed: Packed[] = [];
  const responses = [];
  for (let topics = reader.int32(); topics > 0; topics--) {
    const topicName = reader.take(reader.int16()).toString('utf8');
    const asked = new Map(
      request.topics
        .filter(({ topic }) => topic === topicName)
        .flatMap(({ partitions }) => partitions.map((it) => [it.partition, BigInt(it.fetchOffset)])),
    );
    const own: Packed[] = [];
    for (let left = reader.int32(); left > 0; left--) own.push(readPartition(reader, version, asked));
    packed.push(...own);
    responses.push({ topicName, partitions: own.map(({ fetched }) => fetched) });
  }
  await unpackAll(packed);
  // The broker has not throttled this answer: kafkajs waits before the next request by `clientSideThrottleTime`.
  return { throttleTime: 0, clientSideThrottleTime, errorCode, sessionId, responses };
}

/** A partition whose messages are not read yet. */
interface Packed {
  readonly fetched: FetchedPartition & { messages: readonly object[] };
  readonly batches: Buffer;
  readonly from: bigint;
}

function readPartition(reader: ByteReader, version: number, asked: ReadonlyMap<number, bigint>): Packed {
  const partition = reader.int32();
  const fetched = {
    partition,
    errorCode: reader.int16(),
    highWatermark: String(reader.int64()),
    lastStableOffset: String(reader.int64()),
    lastStartOffset: String(reader.int64()),
    abortedTransactions: abortedIn(reader),
    ...(version >= WITH_REPLICA && { preferredReadReplica: reader.int32() }),
    messages: [],
  };
  return { fetched, batches: reader.take(Math.max(0, reader.int32())), from: asked.get(partition) ?? 0n };
}

/**
 * The batches of one partition may use up the budget, and the others come with a later fetch. Any of them may be the first
 * there: otherwise a partition that is full of large batches would hold up all that the broker lists behind it.
 */
async function unpackAll(packed: readonly Packed[]): Promise<void> {
  const budget: Budget = { unpacked: 0 };
  const first = Math.floor(Math.random() * packed.length);
  for (const { fetched, batches, from } of [...packed.slice(first), ...packed.slice(0, first)])
    fetched.messages = await recordsIn(batches, from, budget);
}

function abortedIn(reader: ByteReader) {
  const aborted = [];
  for (let left = reader.int32(); left > 0; left--)
    aborted.push({ producerId: String(reader.int64()), firstOffset: String(reader.int64()) });
  return aborted;
}
