import { BadRecord, type RawRecord } from '@orderflow/kafka';
import { sampleEvent } from '../../kafka/test/samples.js';
import type { Database } from '@orderflow/durable';
import { DeadLetters } from '../src/dead-letters.js';
import type { ParkedRecord } from '@orderflow/durable';
import { Redrive } from '@orderflow/durable';
import type { IncomingEvent, Outcome, UndecodableRecord } from '@orderflow/durable';
import {
  type Add,
  aContext,
  aRecord,
  type Counter,
  heard,
  type member,
  undecodable,
} from '../../durable/test/counters.js';

/** What the members of the group can read: a record of ours holds its command as JSON, as long as nobody spoiled it. */
export const bytesOf = (command: Add): Buffer => Buffer.from(JSON.stringify(command));

export const recordOf = (command: Add, type = 'OrderPlaced', over: Partial<RawRecord> = {}): RawRecord =>
  aRecord({
    key: Buffer.from(command.subject),
    value: bytesOf(command),
    headers: { ce_type: Buffer.from(type) },
    ...over,
  });

function read({ id, subject, record }: ParkedRecord): IncomingEvent<Add> | UndecodableRecord {
  try {
    const command = JSON.parse(record.value!.toString()) as Add;
    return heard(command, { record, parkedId: id, context: aContext() });
  } catch {
    return undecodable(subject, { record, parkedId: id, reason: 'not JSON' });
  }
}

/** People at the letters of one member, and what tries them again there. */
export function desk(url: string, database: Database, at: ReturnType<typeof member>) {
  const told: object[] = [];
  const deadLetters = new DeadLetters({
    database,
    codec: {
      decode({ value, headers }) {
        if (value?.toString() === 'bytes') throw new BadRecord('not_framed', 'it is no Avro');
        return sampleEvent('OrderPlaced', { id: headers['ce_id']?.toString() ?? 'none' } as never);
      },
    },
    log: { info: (fields) => void told.push(fields) },
    connections: { databaseUrl: url, topicPrefix: '' },
    consumers: [
      {
        consumer: 'counters',
        incomingOf: async (parked) => read(parked),
        run: (sql, incoming) => at.handler.run(sql, [incoming as IncomingEvent<Add>]),
      },
    ],
  });
  const tried: string[] = [];
  const redrive = new Redrive(
    at.parking,
    database,
    (record) => ({ record, bad: 'not used', detail: '' }),
    async ({ record }, id): Promise<Outcome<Counter>> => {
      tried.push(id);
      const [outcome] = await at.handler.handle([read({ id, subject: record.key!.toString(), record })]);
      return outcome!;
    },
    () => undefined,
  );
  return { deadLetters, redrive, tried, told };
}
