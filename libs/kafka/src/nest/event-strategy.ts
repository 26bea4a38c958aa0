import type { EventType } from '@orderflow/contracts';
import { type CustomTransportStrategy, Server } from '@nestjs/microservices';
import type { Broker, RawRecord, RunningConsumer } from '../broker.js';
import type { EventCodec } from '../codec/event-codec.js';
import { deliveriesOf, type Delivery } from './deliveries.js';

export interface EventStrategyOptions {
  readonly broker: Pick<Broker, 'consume'>;
  readonly codec: Pick<EventCodec, 'decode'>;
  readonly groupId: string;
  /** Full names, with the prefix. */
  readonly topics: readonly string[];
  /** Before every topic name. */
  readonly prefix: string;
  /** The types that have a reaction here. */
  readonly heard: readonly EventType[];
  /**
   * One call per fetch and partition, in order, never empty. Resolves when all is durably handled; rejects when the world is bad.
   * @param stillOurs false once others do the work: give up (reject)
   */
  readonly deliver: (deliveries: readonly Delivery[], stillOurs: () => boolean) => Promise<void>;
  /** The consumer is gone for good: end the process with a non-zero code. */
  readonly onFatal: (error: Error) => void;
}

/** Kafka as a Nest transport: the subscription is a table of reactions, so there are no `@EventPattern` classes. */
export class EventStrategy extends Server implements CustomTransportStrategy {
  #consumer: Promise<RunningConsumer> | undefined;
  #running: RunningConsumer | undefined;
  readonly #heard: ReadonlySet<EventType>;

  constructor(private readonly options: EventStrategyOptions) {
    super();
    this.#heard = new Set(options.heard);
  }

  /** Joins the group, then calls back; with the error when it cannot. */
  async listen(callback: (error?: unknown) => void): Promise<void> {
    const { broker, groupId, topics, onFatal } = this.options;
    this.#consumer = broker.consume({
      groupId,
      topics,
      onBatch: (records, stillOurs) => this.#handle(records, stillOurs),
      onFatal: (error) => onFatal(error),
    });
    try {
      this.#running = await this.#consumer;
    } catch (error) {
      callback(error);
      return;
    }
    callback();
  }

  /** Lets what is under way end, commits, leaves the group. */
  async close(): Promise<void> {
    // A consumer that never came to be was reported by `listen`.
    const running = await this.#consumer?.catch(() => undefined);
    await running?.stop();
  }

  /** Whether the group is joined. */
  ready(): boolean {
    return this.#running?.ready() ?? false;
  }

  /** Whether the consumer heartbeats; true before it has begun. */
  live(): boolean {
    return this.#running?.live() ?? true;
  }

  /** See {@link RunningConsumer.caughtUp}; false before it has begun. */
  async caughtUp(): Promise<boolean> {
    return (await this.#running?.caughtUp()) ?? false;
  }

  /** Nest offers it to listeners of the client library; there are no such events here. */
  on(event: string): never {
    throw new Error(`there is no event ${event} to listen to`);
  }

  /** The running consumer, undefined before `listen`. */
  unwrap<T>(): T {
    return this.#running as T;
  }

  async #handle(records: readonly RawRecord[], stillOurs: () => boolean): Promise<void> {
    const { codec, prefix, deliver } = this.options;
    const deliveries = await deliveriesOf(records, { codec, heard: this.#heard, prefix });
    if (deliveries.length > 0) await deliver(deliveries, stillOurs);
  }
}
