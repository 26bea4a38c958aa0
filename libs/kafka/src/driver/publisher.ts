import { type Message, Partitioners, type Producer } from 'kafkajs';
import type { OutgoingRecord, Publisher } from '../broker.js';
import { causesOf, PublishRefused } from '../errors.js';
import { clientOf, PRODUCER_RETRY, type Reach, REQUEST_TIMEOUT_MS } from './settings.js';

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
  publish(records: readonly OutgoingRecord[]): Promise<void> {
    // guard: one request is in flight, in the order of the calls
    const sent = this.#last.then(() => this.#send(records));
    this.#last = sent.catch(() => undefined);
    return sent;
  }

  /** Waits for the request under way; later calls are rejected. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#last;
    await this.#retire();
  }

  async #send(records: readonly OutgoingRecord[]): Promise<void> {
    if (this.#closed) throw new Error('the publisher is closed');
    if (records.length === 0) return;
    try {
      this.#producer ??= this.#connect();
      const producer = await this.#producer;
      await producer.sendBatch({ acks: -1, timeout: REQUEST_TIMEOUT_MS, topicMessages: byTopic(records) });
    } catch (error) {
      // A producer that failed once is replaced: its metadata of the brokers may be stale.
      // guard: the producer is not the idempotent one of kafkajs, and none that failed is used again
      void this.#retire();
      const refused = causesOf(error).find(({ type }) => REFUSALS.has(type));
      throw refused instanceof Error ? new PublishRefused(refused) : error;
    }
  }

  async #connect(): Promise<Producer> {
    const producer = clientOf(this.reach, PRODUCER_RETRY).producer({
      // The idempotent one loses acknowledged records: after a failed request it reuses their sequence numbers.
      // guard: the producer is not the idempotent one of kafkajs, and none that failed is used again
      idempotent: false,
      allowAutoTopicCreation: false,
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

function byTopic(records: readonly OutgoingRecord[]): { topic: string; messages: Message[] }[] {
  const topics = new Map<string, Message[]>();
  for (const { topic, key, value, headers } of records) {
    const messages = topics.get(topic) ?? [];
    if (messages.length === 0) topics.set(topic, messages);
    messages.push({ key, value, headers: headers as Record<string, string> });
  }
  return [...topics].map(([topic, messages]) => ({ topic, messages }));
}
