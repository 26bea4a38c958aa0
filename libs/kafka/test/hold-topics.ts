/**
 * Preloaded into a service by the fault rig (NODE_OPTIONS=--import). While the file CHAOS_HELD_TOPICS names a topic, the
 * consumers of this process do not fetch it, so that events of other topics overtake its events.
 */
import { readFileSync } from 'node:fs';
import kafkajs from 'kafkajs';

const LOOK_MS = 200;
const file = process.env['CHAOS_HELD_TOPICS'];
const consumers = new Set<kafkajs.Consumer>();
let held: string[] = [];

function look(from: string): void {
  const named = readFileSync(from, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
  const released = held.filter((topic) => !named.includes(topic));
  held = named;
  for (const consumer of consumers) {
    try {
      if (named.length > 0) consumer.pause(named.map((topic) => ({ topic })));
      if (released.length > 0) consumer.resume(released.map((topic) => ({ topic })));
    } catch (error) {
      // A consumer that does not run yet is paused at the next look.
      if (!(error instanceof kafkajs.KafkaJSNonRetriableError)) throw error;
    }
  }
}

type ConsumerOf = (this: kafkajs.Kafka, config?: kafkajs.ConsumerConfig) => kafkajs.Consumer;

if (file !== undefined) {
  const { prototype } = kafkajs.Kafka;
  const consumerOf = Reflect.get(prototype, 'consumer') as ConsumerOf;
  prototype.consumer = function consumer(config) {
    const made = consumerOf.call(this, config);
    consumers.add(made);
    return made;
  };
  setInterval(() => look(file), LOOK_MS).unref();
}
