import { CompressionTypes } from 'kafkajs';
import type { KafkaSecurity } from '@orderflow/kafka';
import { otherClient } from './topic-config.ts';

/** Publishes a record as a producer that compresses by gzip does. @throws Error when the broker does not answer */
export async function publishGzipped(
  brokers: readonly string[],
  topic: string,
  value: Buffer,
  security: KafkaSecurity = {},
): Promise<void> {
  const producer = otherClient(brokers, 'another producer', security).producer({ allowAutoTopicCreation: false });
  try {
    await producer.connect();
    await producer.send({ topic, compression: CompressionTypes.GZIP, messages: [{ value }] });
  } finally {
    await producer.disconnect();
  }
}
