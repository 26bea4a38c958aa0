import { type EventType, consumedBy, orderSaga, type Service, services, topicOf } from '@orderflow/contracts';
import type { RawRecord } from '@orderflow/kafka';
import type { TestSystem } from './test-system.js';

/** What became of all records in the topics of one consumer group; `lost` are those that left no trace. */
export interface Account {
  readonly records: number;
  /** Handled, or dropped as a duplicate. */
  readonly handled: number;
  readonly parked: number;
  /** Of a type that the group does not consume, known or not. */
  readonly dropped: number;
  readonly lost: readonly string[];
}

interface Group {
  readonly name: string;
  readonly service: Service;
  readonly consumed: readonly EventType[];
}

/** Every consumer group, with its service and the types that it consumes. */
export const groups: readonly Group[] = [
  ...services.map((service) => ({ name: service, service, consumed: consumedBy(service) as readonly EventType[] })),
  {
    name: 'orders.views',
    service: 'orders',
    consumed: [...new Set(orderSaga.flatMap(({ publishes }): readonly EventType[] => publishes))].filter(
      (type) => type !== 'ProductChanged',
    ),
  },
];

const placeOf = ({ topic, partition, offset }: { topic: string; partition: number; offset: string }): string =>
  `${topic}/${partition}/${offset}`;

/**
 * By two witnesses that the group itself does not count with: the line that it logs for each record (LOG_LEVEL=info), and
 * the rows in `parked`.
 * @param records everything that is in the topics
 */
export async function accountOf(
  system: TestSystem,
  { name, service, consumed }: Group,
  records: readonly RawRecord[],
): Promise<Account> {
  const topics = new Set(consumed.map((type) => system.prefixes.topics + topicOf(type)));
  const rows = await system.rowsOf<{ topic: string; partition: number; offset: string }>(
    service,
    'SELECT topic, partition, "offset"::text FROM parked WHERE consumer = $1',
    [name],
  );
  const parked = new Set(rows.map(placeOf));
  const done = new Set<string>();
  for (const line of await system.logOf(service)) {
    if (!line.includes(`"group":"${name}"`)) continue;
    const logged = JSON.parse(line) as { topic: string; partition: number; offset: string; msg: string };
    if (logged.msg === 'done' || logged.msg === 'duplicate') done.add(placeOf(logged));
  }
  const count = { handled: 0, parked: 0, dropped: 0 };
  const lost: string[] = [];
  const own = records.filter(({ topic }) => topics.has(topic));
  for (const record of own) {
    const type = record.headers['ce_type']?.toString() ?? '';
    const place = placeOf(record);
    if (type !== '' && !(consumed as readonly string[]).includes(type)) count.dropped += 1;
    else if (parked.has(place)) count.parked += 1;
    else if (done.has(place)) count.handled += 1;
    else lost.push(`${place} ${type}`);
  }
  return { records: own.length, ...count, lost };
}
