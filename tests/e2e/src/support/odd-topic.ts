import { join } from 'node:path';
import { runGuarded } from '@orderflow/local';

// A program of its own: in ours kafkajs stands behind one port, which cannot even make a topic with a wrong count.
const PROGRAM = `
  import { Kafka } from 'kafkajs';
  const [brokers, topic, numPartitions] = process.argv.slice(1);
  const admin = new Kafka({ clientId: 'stranger', brokers: brokers.split(','), logLevel: 0 }).admin();
  await admin.connect();
  await admin.createTopics({ waitForLeaders: true, topics: [{ topic, numPartitions: Number(numPartitions) }] });
  await admin.disconnect();`;

/** Makes a topic with as many partitions as a stranger likes. */
export async function makeOddTopic(kafkaBrokers: string, topic: string, partitions: number): Promise<void> {
  await runGuarded(process.execPath, ['--input-type=module', '-e', PROGRAM, kafkaBrokers, topic, String(partitions)], {
    cwd: join(import.meta.dirname, '..', '..', '..', '..'),
  });
}
