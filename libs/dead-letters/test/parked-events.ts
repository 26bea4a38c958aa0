import { BadRecord, type RawRecord } from '@orderflow/kafka';
import type { Database, IncomingEvent, UndecodableRecord } from '@orderflow/durable';
import {
  type Add,
  aContext,
  aRecord,
  eventOf,
  type Instance,
  quietLog,
  redriveOf,
  undecodable,
} from '@orderflow/durable/test/counters';
import { anEvent } from '@orderflow/testing';
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
    // A record that these tests parked as undecodable.
    return undecodable(subject, { record, parkedId: id, reason: 'not JSON' });
  }
}

/** The operator's API of one instance, and the redrive that retries its parked events. */
export function operatorAt(url: string, database: Database, instance: Instance) {
  const { handler } = instance;
  const logged: object[] = [];
  const deadLetters = new DeadLetters({
    database,
    codec: {
      decode({ value, headers }) {
        if (value?.toString().startsWith('bytes') === true) throw new BadRecord('not_framed', 'it is not Avro');
        return anEvent('OrderPlaced', { id: headers['ce_id']?.toString() ?? 'none' });
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
  const redrive = redriveOf(instance, async (record, id) => {
    tried.push(id);
    const [outcome] = await handler.handle([incomingOf({ id, subject: record.key!.toString(), record })]);
    return outcome!;
  });
  return { deadLetters, redrive, tried, logged };
}
