import type { WorkingSet } from '@orderflow/decider';
import { type EventType, topicOf } from '@orderflow/contracts';
import { type Delivery, deliveriesOf, type EventCodec, EventStrategy, type RawRecord } from '@orderflow/kafka';
import { freshTraceparent } from '@orderflow/telemetry';
import { Batcher } from '../transaction/batcher.js';
import { CommandHandler } from '../transaction/command-handler.js';
import { reasonOf } from '../base/failures.js';
import { EventHandler } from './event-handler.js';
import type { Ground } from '../runtime/ground.js';
import type { PendingCall } from '../calls/external-calls.js';
import type { ParkedRecord } from '../parking/parking.js';
import { Redrive } from '../parking/redrive.js';
import type { Handling, Incoming, Outcome } from '../definition/service.js';
import type { Sql } from '../store/sql.js';
import type { Transactions } from '../store/store.js';

/** What a consumer group shardLocks with the rest of its service. */
export interface Shared<Tx = Sql> extends Ground<Tx> {
  readonly committed: (calls: readonly PendingCall[]) => void;
}

/** What a consumer lends for trying what it parked: its own reading and its own handler. */
export interface DryRunTarget<Tx = Sql> {
  readonly consumer: string;
  incomingOf(parked: ParkedRecord): Promise<Incoming<unknown>>;
  run(tx: Tx, incoming: Incoming<unknown>): Promise<DryRunAttempt>;
}

/** What a try that was rolled back would have done. */
export interface DryRunAttempt {
  readonly work: {
    readonly records: readonly { readonly headers: Readonly<Record<string, string>> }[];
    readonly calls: readonly PendingCall[];
  };
  readonly outcomes: readonly Outcome<unknown>[];
}

/** One consumer group: its batcher, the handler behind it, the Kafka edge before it, and the retries of what it parked. */
export class ConsumerGroup<State, Command, Event, Loaded extends WorkingSet<State, Command>, Tx = Sql> {
  readonly strategy: EventStrategy;
  readonly redrive: Redrive<Tx>;
  /** Tries what is parked without anybody hearing of it. */
  readonly dryRunTarget: DryRunTarget<Tx>;
  private readonly connection: Transactions<Tx>;
  private readonly batcher: Batcher<Incoming<Command>, Outcome<State>>;

  constructor(
    handling: Handling<State, Command, Event, Loaded, Tx>,
    reactions: Readonly<Partial<Record<EventType, unknown>>>,
    { store, broker, codec, clock, connections, log, committed, onFatal }: Shared<Tx>,
  ) {
    const { topicPrefix } = connections;
    const { service, consumer } = handling;
    const parking = store.parking(service, consumer, topicPrefix);
    this.connection = store.batches(consumer);
    const handler = new CommandHandler(handling, {
      connection: this.connection,
      store,
      codec,
      parking,
      topicPrefix,
      committed,
    });
    this.batcher = new Batcher(
      (batch) => handler.handle(batch),
      async (incoming, error) => {
        if (incoming.kind === 'command') return { kind: 'refused', error };
        const [outcome] = await handler.handle([
          { ...incoming, kind: 'undecodable', why: 'refused', reason: reasonOf(error) },
        ]);
        return outcome!;
      },
      clock,
    );
    const submit = (incoming: Incoming<Command>) => this.submit(incoming);
    const eventHandler = new EventHandler<State, Command>(consumer, reactions, submit, log, clock);
    const heard = Object.keys(reactions) as EventType[];
    this.strategy = new EventStrategy({
      broker,
      codec,
      groupId: topicPrefix + consumer,
      topics: topicsOf(heard, topicPrefix),
      prefix: topicPrefix,
      consumes: heard,
      handler: eventHandler,
      onFatal,
    });
    const read = (record: RawRecord) => readAgain(record, codec, heard, topicPrefix);
    this.dryRunTarget = {
      consumer,
      incomingOf: async ({ id, record }) => eventHandler.incomingOf(await read(record), freshTraceparent(), id),
      run: (tx, incoming) => handler.run(tx, [incoming as Incoming<Command>]),
    };
    this.redrive = new Redrive(
      parking,
      store.database,
      read,
      async (delivery, parkedId) => (await eventHandler.deliver([delivery], parkedId))[0]!,
      (reason) => log.warn({ consumer, reason }, 'redrive'),
    );
  }

  /** @returns the outcome once it is committed. @throws TransientError */
  submit(incoming: Incoming<Command>): Promise<Outcome<State>> {
    return this.batcher.submit(incoming);
  }

  start(): void {
    this.redrive.start();
  }

  async stop(): Promise<void> {
    await this.redrive.stop();
    await this.batcher.idle();
    await this.connection.end();
  }
}

/** The topics on which these events travel, with the prefix, each once. */
export const topicsOf = (types: Iterable<EventType>, prefix: string): string[] => [
  ...new Set([...types].map((type) => prefix + topicOf(type))),
];

async function readAgain(
  record: RawRecord,
  codec: Pick<EventCodec, 'decode'>,
  heard: readonly EventType[],
  prefix: string,
): Promise<Delivery> {
  const [delivery] = await deliveriesOf([record], { codec, consumes: new Set(heard), prefix });
  return delivery ?? { record, bad: 'not-heard', detail: 'nothing here reacts to this type any more' };
}
