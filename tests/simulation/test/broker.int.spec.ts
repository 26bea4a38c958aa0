import { randomUUID } from 'node:crypto';
import { describe } from '@jest/globals';
import { KafkajsBroker } from '@orderflow/kafka';
import { eventually } from '@orderflow/client';
import { isABroker } from './broker-contract.js';

const brokers = (process.env['KAFKA_BROKERS'] ?? '').split(',');

/** Enough keys for six partitions. */
const toEveryPartition = (topic: string) =>
  Array.from({ length: 60 }, (_, i) => ({
    topic,
    key: `w${i}`,
    value: Buffer.from('warm-up'),
    headers: {},
  }));

describe('Kafka', () => {
  isABroker(async () => {
    const prefix = `test-${randomUUID()}.`;
    const connected: KafkajsBroker[] = [];
    const connect = () => {
      const broker = new KafkajsBroker({ brokers, clientId: 'test', log: () => undefined });
      connected.push(broker);
      return broker;
    };
    const broker = connect();
    await broker.ensureTopics(prefix);
    // A new partition has no leader for a moment.
    await eventually(() => broker.publish(toEveryPartition(`${prefix}orders.events`)).then(() => true));
    const end = async () => {
      for (const broker of connected) await broker.disconnect();
    };
    return { prefix, connect, end };
  });
});
