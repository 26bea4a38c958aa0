import { EventTap } from '@orderflow/client';
import type { Event } from '@orderflow/contracts';

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
