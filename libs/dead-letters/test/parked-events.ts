import { BadRecord, type RawRecord } from '@orderflow/kafka';
import { anEvent } from '@orderflow/testing';
import type { Database, IncomingEvent, UndecodableRecord } from '@orderflow/durable';
import {
  type Add,
  aContext,
  aRecord,
  eventOf,
  type Instance,
  quietLog,
  undecodable,
} from '../../durable/test/counters.js';
import { Redrive } from '../../durable/src/parking/redrive.js';
import { DeadLetters } from '../src/dead-letters.js';

/** The value of a test record: its command as JSON. */
export const bytesOf = (command: Add): Buffer => Buffer.from(JSON.stringify(command));

export const recordOf = (command: Add, type = 'OrderPlaced', over: Partial<RawRecord> = {}): RawRecord =>
  aRecord({
    key: Buffer.from(command.subject),
    value: bytesOf(command),
    headers: { ce_type: Buffer.from(type) },
    ...over,
  });

interface Parked {
  readonly id: string;
  readonly subject: string;
  readonly record: RawRecord;
}

function incomingOf({ id, subject, record }: Parked): IncomingEvent<Add> | UndecodableRecord {
  try {
    const command = JSON.parse(record.value!.toString()) as Add;
    return eventOf(command, { record, parkedId: id, context: aContext() });
  } catch {
    return undecodable(subject, { record, parkedId: id, reason: 'not JSON' });
  }
}

/** The dead letters of one instance, and the redrive that retries them there. */
export function operatorAt(url: string, database: Database, { handler, parking, dependencies }: Instance) {
  const logged: object[] = [];
  const deadLetters = new DeadLetters({
    database,
    codec: {
      decode({ value, headers }) {
        if (value?.toString() === 'bytes') throw new BadRecord('not_framed', 'it is no Avro');
        return anEvent('OrderPlaced', { id: headers['ce_id']?.toString() ?? 'none' } as never);
      },
    },
    log: { ...quietLog, info: (fields) => void logged.push(fields) },
    connections: { databaseUrl: url, topicPrefix: '' },
    groups: [
      {
        name: 'counters',
        incomingOf: async (parked) => incomingOf(parked),
        async dryRun(sql, incoming) {
          const { work, outcomes } = await handler.apply(sql, [incoming as IncomingEvent<Add>]);
          const publishes = work.records.map(({ headers }) => headers['ce_type'] ?? '');
          return { outcome: outcomes[0]!, publishes, calls: work.calls.map(({ kind }) => kind) };
        },
      },
    ],
  });
  const tried: string[] = [];
  const redrive = new Redrive(
    parking,
    {
      decode: async (record) => ({ record, bad: 'not used', detail: '' }),
      async deliver([delivery], id) {
        tried.push(id!);
        const { record } = delivery!;
        return handler.handle([incomingOf({ id: id!, subject: record.key!.toString(), record })]);
      },
    },
    { ...dependencies, store: { database } },
  );
  return { deadLetters, redrive, tried, logged };
}
