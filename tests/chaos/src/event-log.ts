import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Event } from '@orderflow/contracts';
import { EventCodec, KafkajsBroker, type RawRecord, SchemaRegistry } from '@orderflow/kafka';
import { services } from './schedule.ts';

const READ_TIMEOUT_MS = 60_000;

/** An event in the log: its identity, and its position. */
export type LoggedEvent = Pick<Event, 'id' | 'type' | 'source' | 'subject' | 'sequence'> & {
  /** Within its partition; all events of one source and order are in the same one. */
  offset: bigint;
  /** By the broker's clock. */
  appendedAt: Date;
};

export interface LogAddress {
  kafkaBrokers: string;
  schemaRegistryUrl: string;
}

/** Reads the services' topics from offset 0 to their end. No service may be publishing. @throws Error after 60 s */
export async function readLog({ kafkaBrokers, schemaRegistryUrl }: LogAddress): Promise<LoggedEvent[]> {
  const broker = new KafkajsBroker({ brokers: kafkaBrokers.split(','), clientId: 'chaos' });
  const registry = new SchemaRegistry(schemaRegistryUrl);
  const codec = await EventCodec.start({ registry, service: 'orders', autoRegister: false });
  const groupId = `chaos-${randomUUID()}`;
  const topics = services.map((service) => `${service}.events`);
  // By position: a record that is fetched twice is kept once.
  const logged = new Map<string, LoggedEvent>();
  try {
    const lag = await broker.lagOf(groupId, topics);
    const expected = lag.reduce((sum, { records }) => sum + records, 0);
    let failure: Error | undefined;
    await broker.consume({
      groupId,
      topics,
      onBatch: async (records) => {
        for (const record of records) {
          logged.set(`${record.topic}/${record.partition}/${record.offset}`, await loggedIn(codec, record));
        }
      },
      onFatal: (error) => (failure = error),
    });
    const deadline = Date.now() + READ_TIMEOUT_MS;
    while (logged.size < expected) {
      if (failure !== undefined) throw failure;
      if (Date.now() >= deadline) throw new Error(`of ${expected} records in the log ${logged.size} could be read`);
      await sleep(100);
    }
    return [...logged.values()];
  } finally {
    await broker.disconnect();
  }
}

async function loggedIn(codec: EventCodec, record: RawRecord): Promise<LoggedEvent> {
  const { id, type, source, subject, sequence } = await codec.decode(record);
  return { id, type, source, subject, sequence, offset: BigInt(record.offset), appendedAt: record.timestamp };
}
