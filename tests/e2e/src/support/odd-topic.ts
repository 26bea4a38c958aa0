import { runGuarded } from '@orderflow/local';
import { repository } from './run-ops.js';

// A program of its own: here kafkajs is behind one port, which cannot create a topic with a wrong partition count.
const PROGRAM = `
  import { Kafka } from 'kafkajs';
  const [brokers, topic, numPartitions] = process.argv.slice(1);
  const admin = new Kafka({ clientId: 'odd-topic', brokers: brokers.split(','), logLevel: 0 }).admin();
  await admin.connect();
  await admin.createTopics({ waitForLeaders: true, topics: [{ topic, numPartitions: Number(numPartitions) }] });
  await admin.disconnect();`;

/** Creates a topic with any partition count. */
export async function makeOddTopic(kafkaBrokers: string, topic: string, partitions: number): Promise<void> {
  await runGuarded(process.execPath, ['--input-type=module', '-e', PROGRAM, kafkaBrokers, topic, String(partitions)], {
    cwd: repository,
  });
}
