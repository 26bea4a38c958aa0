import { EventTap } from '@orderflow/client';
import type { Event } from '@orderflow/contracts';

const READ_TIMEOUT_MS = 60_000;

/** As much of an event as tells whether it arrived, and in which order. */
export type Said = Pick<Event, 'id' | 'type' | 'source' | 'subject' | 'sequence'> & {
  /** Within its partition, to which all events of one source and order go. */
  offset: bigint;
  /** When the broker appended it. */
  appendedAt: Date;
};

export interface LogAddress {
  kafkaBrokers: string;
  schemaRegistryUrl: string;
}

/** Reads the services' topics from offset 0 to their end; no service may be publishing. */
export async function readLog({ kafkaBrokers, schemaRegistryUrl }: LogAddress): Promise<Said[]> {
  const tap = await EventTap.open({ kafkaBrokers, schemaRegistryUrl, topicPrefix: '' });
  try {
    const records = await tap.readToEnd(READ_TIMEOUT_MS);
    return await Promise.all(
      records.map(async (record) => {
        const { id, type, source, subject, sequence } = await tap.decode(record);
        return { id, type, source, subject, sequence, offset: BigInt(record.offset), appendedAt: record.timestamp };
      }),
    );
  } finally {
    await tap.close();
  }
}
