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
  const budget: Budget = { unpacked: 0 };
  const responses = [];
  for (let topics = reader.int32(); topics > 0; topics--) {
    const topicName = reader.take(reader.int16()).toString('utf8');
    const asked = new Map(
      request.topics
        .filter(({ topic }) => topic === topicName)
        .flatMap(({ partitions }) => partitions.map((it) => [it.partition, BigInt(it.fetchOffset)])),
    );
    const partitions: FetchedPartition[] = [];
    for (let left = reader.int32(); left > 0; left--)
      partitions.push(await decodePartition(reader, version, asked, budget));
    responses.push({ topicName, partitions });
  }
  // The broker has not throttled this answer: kafkajs waits before the next request by `clientSideThrottleTime`.
  return { throttleTime: 0, clientSideThrottleTime, errorCode, sessionId, responses };
}

async function decodePartition(
  reader: ByteReader,
  version: number,
  asked: ReadonlyMap<number, bigint>,
  budget: Budget,
): Promise<FetchedPartition> {
  const partition = reader.int32();
  const head = {
    partition,
    errorCode: reader.int16(),
    highWatermark: String(reader.int64()),
    lastStableOffset: String(reader.int64()),
    lastStartOffset: String(reader.int64()),
    abortedTransactions: abortedIn(reader),
    ...(version >= WITH_REPLICA && { preferredReadReplica: reader.int32() }),
  };
  const batches = reader.take(Math.max(0, reader.int32()));
  return { ...head, messages: await recordsIn(batches, asked.get(partition) ?? 0n, budget) };
}

function abortedIn(reader: ByteReader) {
  const aborted = [];
  for (let left = reader.int32(); left > 0; left--)
    aborted.push({ producerId: String(reader.int64()), firstOffset: String(reader.int64()) });
  return aborted;
}
