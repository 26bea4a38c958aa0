import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Event } from '@orderflow/contracts';
import { EventCodec, KafkajsBroker, type RawRecord, SchemaRegistry } from '@orderflow/kafka';
import { services } from './schedule.ts';

const READ_TIMEOUT_MS = 60_000;

/** As much of an event as tells whether it came, and in which order. */
export type Said = Pick<Event, 'id' | 'type' | 'source' | 'subject' | 'sequence'> & {
  /** Within its partition, to which all of one source and order go. */
  offset: bigint;
  /** When the broker took it. */
  appendedAt: Date;
};

export interface LogAddress {
  kafkaBrokers: string;
  schemaRegistryUrl: string;
}

/** Reads the services' topics from offset 0 to their end; nobody may be writing. */
export async function readLog({ kafkaBrokers, schemaRegistryUrl }: LogAddress): Promise<Said[]> {
  const broker = new KafkajsBroker({ brokers: kafkaBrokers.split(','), clientId: 'chaos' });
  const registry = new SchemaRegistry(schemaRegistryUrl);
  const codec = await EventCodec.start({ registry, service: 'orders', autoRegister: false });
  const groupId = `chaos-${randomUUID()}`;
  const topics = services.map((service) => `${service}.events`);
  // By where it stands: what is fetched twice is there once.
  const said = new Map<string, Said>();
  try {
    const lag = await broker.lagOf(groupId, topics);
    const expected = lag.reduce((sum, { records }) => sum + records, 0);
    let failure: Error | undefined;
    await broker.consume({
      groupId,
      topics,
      onBatch: async (records) => {
        for (const record of records) {
          said.set(`${record.topic}/${record.partition}/${record.offset}`, await saidIn(codec, record));
        }
      },
      onFatal: (error) => (failure = error),
    });
    const deadline = Date.now() + READ_TIMEOUT_MS;
    while (said.size < expected) {
      if (failure !== undefined) throw failure;
      if (Date.now() >= deadline) throw new Error(`of ${expected} records in the log ${said.size} could be read`);
      await sleep(100);
    }
    return [...said.values()];
  } finally {
    await broker.disconnect();
  }
}

async function saidIn(codec: EventCodec, record: RawRecord): Promise<Said> {
  const { id, type, source, subject, sequence } = await codec.decode(record);
  return { id, type, source, subject, sequence, offset: BigInt(record.offset), appendedAt: record.timestamp };
}
