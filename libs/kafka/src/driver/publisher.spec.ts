import { createRequire } from 'node:module';
import { describe, expect, it } from '@jest/globals';
import { SEND_RETRY } from './settings.js';

const load = createRequire(import.meta.url);

interface Produce {
  readonly topicData: readonly { partitions: readonly { messages: readonly { value: Buffer }[] }[] }[];
}
type Send = (batch: object) => Promise<unknown>;

const createRetry = load('kafkajs/src/retry') as (options: object) => unknown;
const createSendMessages = load('kafkajs/src/producer/sendMessages.js') as (options: object) => Send;
const { KafkaJSProtocolError } = load('kafkajs/src/errors') as { KafkaJSProtocolError: new (e: object) => Error };

const TOPIC = 'orders.events';
const logger = { debug: () => undefined, error: () => undefined };
const eosManager = {
  acquireBrokerLock: () => undefined,
  releaseBrokerLock: () => undefined,
  isTransactional: () => false,
  getSequence: () => 0,
  updateSequence: () => undefined,
  getProducerId: () => -1,
  getProducerEpoch: () => 0,
};

/** Two brokers that each lead one partition. The first one loses its partition to the second one with the first request. */
function leadershipThatMoves() {
  const stored: string[] = [];
  let leaders = [1, 2];
  const notLeader = new KafkaJSProtocolError({
    type: 'NOT_LEADER_FOR_PARTITION',
    code: 6,
    retriable: true,
    message: '',
  });
  const brokers = [1, 2].map((nodeId) => ({
    nodeId,
    async produce({ topicData }: Produce) {
      if (nodeId === 1) {
        await new Promise(setImmediate);
        throw notLeader;
      }
      const messages = topicData.flatMap(({ partitions }) => partitions.flatMap((it) => it.messages));
      stored.push(...messages.map(({ value }) => value.toString()));
      return { topics: [] };
    },
  }));
  const cluster = {
    addMultipleTargetTopics: async () => Promise.resolve(),
    refreshMetadataIfNecessary: async () => Promise.resolve(),
    refreshMetadata: async () => Promise.resolve(void (leaders = [2, 2])),
    isConnected: () => true,
    findTopicPartitionMetadata: () => leaders.map((leader, partitionId) => ({ partitionId, leader })),
    findLeaderForPartitions: (_topic: string, partitions: string[]) =>
      Object.groupBy(partitions.map(Number), (partition) => String(leaders[partition])),
    findBroker: async ({ nodeId }: { nodeId: string }) => Promise.resolve(brokers[Number(nodeId) - 1]),
  };
  const partitioner = ({ message }: { message: { key: string } }) => Number(message.key);
  const send = createSendMessages({ logger, cluster, partitioner, eosManager, retrier: createRetry(SEND_RETRY) });
  return { stored, send };
}

describe('a send while a partition moves to a broker that has stored other records of it', () => {
  // proves: kafkajs repeats no send by itself
  it('succeeds only when every record is stored', async () => {
    const { stored, send } = leadershipThatMoves();
    const messages = ['0', '1'].map((key) => ({ key, value: Buffer.from(key) }));
    const succeeded = await send({ acks: -1, timeout: 1_000, topicMessages: [{ topic: TOPIC, messages }] }).then(
      () => true,
      () => false,
    );
    expect({ succeeded, everythingIsStored: stored.length === messages.length }).not.toEqual({
      succeeded: true,
      everythingIsStored: false,
    });
  });
});
