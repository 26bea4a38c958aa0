import { setTimeout as sleep } from 'node:timers/promises';
import { type Message, Partitioners, type Producer, type RecordMetadata } from 'kafkajs';
import type { Appended, OutgoingRecord, Publisher } from '../broker.js';
import { causesOf, PublishRefused } from '../errors.js';
import { clientOf, PRODUCER_RETRY, PUBLISH_TIMEOUT_MS, type Reach, SEND_RETRY } from './settings.js';

const MOST_MOVES = 10;
const MOVE_MS = 200;

/** Errors by which the broker refuses the content of a record. https://kafka.apache.org/protocol#protocol_error_codes */
const REFUSALS = new Set<unknown>([
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'INVALID_TIMESTAMP',
  'INVALID_RECORD',
  'INVALID_TOPIC_EXCEPTION',
]);

/** Publishes records; one request at a time, in the order of the calls. */
export class KafkajsPublisher implements Publisher {
  #producer: Promise<Producer> | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(private readonly reach: Reach) {}

  /** See {@link Publisher.publish}. */
  publish(records: readonly OutgoingRecord[]): Promise<readonly Appended[]> {
    // guard: one request is in flight, in the order of the calls
    const sent = this.#last.then(() => this.#send(records));
    // The caller gets the error: it is none of the next request.
    this.#last = sent.catch(() => undefined);
    return sent;
  }

  /** Waits for the request under way; later calls are rejected. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#last;
    await this.#retire();
  }

  async #send(records: readonly OutgoingRecord[], moves = MOST_MOVES): Promise<readonly Appended[]> {
    if (this.#closed) throw new Error('the publisher is closed');
    if (records.length === 0) return [];
    try {
      this.#producer ??= this.#connect();
      const producer = await this.#producer;
      const batch = { acks: -1, timeout: PUBLISH_TIMEOUT_MS, topicMessages: byTopic(records) };
      return (await producer.sendBatch(batch)).map(appendedOf);
    } catch (error) {
      // A producer that failed once is replaced: its metadata of the brokers may be stale.
      // guard: the producer is not the idempotent one of kafkajs, and none that failed is used again
      void this.#retire();
      // All of it again, by a new producer: a partition that was just created, or has moved, has another leader soon.
      if (moves > 0 && causesOf(error).some(({ type }) => type === 'NOT_LEADER_FOR_PARTITION')) {
        await sleep(MOVE_MS);
        return this.#send(records, moves - 1);
      }
      const refused = causesOf(error).find(({ type }) => REFUSALS.has(type));
      throw refused instanceof Error ? new PublishRefused(refused) : error;
    }
  }

  async #connect(): Promise<Producer> {
    const producer = clientOf(this.reach, PRODUCER_RETRY, PUBLISH_TIMEOUT_MS).producer({
      // The idempotent one loses acknowledged records: after a failed request it reuses their sequence numbers.
      // guard: the producer is not the idempotent one of kafkajs, and none that failed is used again
      idempotent: false,
      allowAutoTopicCreation: false,
      retry: SEND_RETRY,
      createPartitioner: Partitioners.DefaultPartitioner,
    });
    try {
      await producer.connect();
    } catch (error) {
      // Some of its connections may be open already.
      await producer.disconnect().catch(() => undefined);
      throw error;
    }
    return producer;
  }

  async #retire(): Promise<void> {
    const retired = this.#producer;
    this.#producer = undefined;
    // Its connections may be closed already; nothing is lost with them.
    await retired?.then((producer) => producer.disconnect()).catch(() => undefined);
  }
}

/** @throws Error for an answer without an offset: acknowledged by all replicas it has one */
function appendedOf({ topicName: topic, partition, baseOffset: offset }: RecordMetadata): Appended {
  if (offset === undefined) throw new Error(`the broker stored records of ${topic} and did not say where`);
  return { topic, partition, offset };
}

function byTopic(records: readonly OutgoingRecord[]): { topic: string; messages: Message[] }[] {
  const topics = new Map<string, Message[]>();
  for (const { topic, key, value, headers } of records) {
    const messages = topics.get(topic) ?? [];
    if (messages.length === 0) topics.set(topic, messages);
    messages.push({ key, value, headers: headers as Record<string, string> });
  }
  return [...topics].map(([topic, messages]) => ({ topic, messages }));
}
