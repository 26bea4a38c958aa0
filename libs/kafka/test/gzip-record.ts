import { CompressionTypes, Kafka, logLevel } from 'kafkajs';

/** Publishes a record as a producer that compresses by gzip does. @throws Error when the broker does not answer */
export async function publishGzipped(brokers: readonly string[], topic: string, value: Buffer): Promise<void> {
  const client = new Kafka({ brokers: [...brokers], clientId: 'another producer', logLevel: logLevel.NOTHING });
  const producer = client.producer({ allowAutoTopicCreation: false });
  try {
    await producer.connect();
    await producer.send({ topic, compression: CompressionTypes.GZIP, messages: [{ value }] });
  } finally {
    await producer.disconnect();
  }
}
