/**
 * Reads every event of a system with kafkajs, @kafkajs/confluent-schema-registry and the SDK of CloudEvents, and prints them as
 * JSON lines.
 * usage: node read.mjs FOLDER_OF_PACKAGES BROKERS REGISTRY_URL TOPIC...
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';

const [folder, brokers, host, ...topics] = process.argv.slice(2);
const packages = createRequire(join(folder, 'package.json'));
const { SchemaRegistry } = packages('@kafkajs/confluent-schema-registry');
const { Kafka: CloudEvents } = packages('cloudevents');
const { Kafka, logLevel } = packages('kafkajs');

const registry = new SchemaRegistry({ host });
const kafka = new Kafka({ brokers: brokers.split(','), logLevel: logLevel.ERROR });
const admin = kafka.admin();
await admin.connect();
let expected = 0;
for (const topic of topics)
  for (const { high, low } of await admin.fetchTopicOffsets(topic)) expected += Number(high) - Number(low);
await admin.disconnect();

const consumer = kafka.consumer({ groupId: `interop-${process.pid}-${Date.now()}` });
await consumer.connect();
await consumer.subscribe({ topics, fromBeginning: true });
const seen = new Set();
await new Promise((resolve, reject) => {
  const eachMessage = async ({ topic, partition, message }) => {
    const position = `${topic}/${partition}/${message.offset}`;
    if (seen.has(position)) return;
    seen.add(position);
    const headers = Object.fromEntries(Object.entries(message.headers).map(([name, value]) => [name, String(value)]));
    // Throws where the record is no CloudEvent.
    const cloudEvent = CloudEvents.toEvent({ ...message, headers, body: message.value });
    const isValid = cloudEvent.validate();
    const { id, source, type, specversion, datacontenttype } = cloudEvent;
    const event = await registry.decode(message.value);
    console.log(
      JSON.stringify({ position, isValid, cloudEvent: { id, source, type, specversion, datacontenttype }, event }),
    );
    if (seen.size >= expected) resolve();
  };
  consumer.run({ eachMessage: (payload) => eachMessage(payload).catch(reject) }).catch(reject);
});
await consumer.disconnect();
