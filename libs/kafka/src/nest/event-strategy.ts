import type { EventType } from '@orderflow/contracts';
import { type CustomTransportStrategy, Server } from '@nestjs/microservices';
import type { Broker, ConsumedOffsets, RawRecord, RunningConsumer } from '../broker.js';
import type { EventCodec } from '../codec/event-codec.js';
import { deliveriesOf, type Delivery } from './deliveries.js';

export interface EventStrategyOptions {
  readonly broker: Pick<Broker, 'consume'>;
  readonly codec: Pick<EventCodec, 'decode'>;
  readonly groupId: string;
  /** Its name in metrics: without the prefix. */
  readonly group: string;
  /** Full names, with the prefix. */
  readonly topics: readonly string[];
  /** Prefix of every topic name. */
  readonly prefix: string;
  /** The types that the group has a reaction to. */
  readonly consumes: readonly EventType[];
  readonly handler: DeliveryHandler;
  /** See {@link Subscription.consumed}. */
  readonly consumed?: ConsumedOffsets;
  /** The consumer has stopped for good: end the process with a non-zero code. */
  readonly onFatal: (error: Error) => void;
}

export interface DeliveryHandler {
  /**
   * One call per fetch and partition, in order, never empty. Resolves when all deliveries are durably handled; rejects on
   * a transient error, then the same deliveries come again.
   */
  deliver(deliveries: readonly Delivery[]): Promise<unknown>;
}

/** Kafka as a Nest transport: the subscription is a table of reactions, so there are no `@EventPattern` classes. */
export class EventStrategy extends Server implements CustomTransportStrategy {
  #consumer: Promise<RunningConsumer> | undefined;
  #running: RunningConsumer | undefined;
  readonly #consumes: ReadonlySet<EventType>;

  constructor(private readonly options: EventStrategyOptions) {
    super();
    this.#consumes = new Set(options.consumes);
  }

  /** Joins the group, then calls back; with the error where joining fails. */
  async listen(callback: (error?: unknown) => void): Promise<void> {
    const { broker, groupId, topics, consumed, onFatal } = this.options;
    this.#consumer = broker.consume({
      groupId,
      topics,
      ...(consumed && { consumed }),
      onBatch: (records) => this.#handle(records),
      onFatal,
    });
    try {
      this.#running = await this.#consumer;
    } catch (error) {
      callback(error);
      return;
    }
    callback();
  }

  /** Waits for the deliveries under way, commits their offsets, leaves the group. */
  async close(): Promise<void> {
    // `listen` has reported a consumer that could not be made.
    const running = await this.#consumer?.catch(() => undefined);
    await running?.stop();
  }

  /** Whether the group is joined. */
  ready(): boolean {
    return this.#running?.ready() ?? false;
  }

  /** See {@link RunningConsumer.caughtUp}; false before it has begun. */
  async caughtUp(): Promise<boolean> {
    return (await this.#running?.caughtUp()) ?? false;
  }

  /** Part of Nest's interface for listeners of the client library. This strategy has no such events. */
  on(event: string): never {
    throw new Error(`there is no event ${event} to listen to`);
  }

  /** The running consumer, undefined before `listen`. */
  unwrap<T>(): T {
    return this.#running as T;
  }

  async #handle(records: readonly RawRecord[]): Promise<void> {
    const { codec, prefix, handler, group } = this.options;
    const deliveries = await deliveriesOf(records, { codec, consumes: this.#consumes, prefix, group });
    // guard: an offset is committed only after its events were handled
    if (deliveries.length > 0) await handler.deliver(deliveries);
  }
}
