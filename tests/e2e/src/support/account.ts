import { type EventType, consumedBy, isEventType, orderSaga, type Service, topicOf } from '@orderflow/contracts';
import type { RawRecord } from '@orderflow/kafka';
import type { World } from './world.js';

/** What became of all records in the topics of one consumer group; `lost` are those of which nobody knows anything. */
export interface Account {
  readonly records: number;
  /** Done, or known before. */
  readonly handled: number;
  readonly parked: number;
  /** Of a type that nobody hears in this group. */
  readonly dropped: number;
  readonly lost: readonly string[];
}

/** Every consumer group, with the service that it belongs to and what it hears. */
export const groups: readonly {
  readonly name: string;
  readonly service: Service;
  readonly heard: readonly EventType[];
}[] = [
  ...(['orders', 'inventory', 'payments', 'notifications'] as const).map((service) => ({
    name: service,
    service,
    heard: consumedBy(service) as readonly EventType[],
  })),
  {
    name: 'orders.views',
    service: 'orders',
    heard: [...new Set(orderSaga.flatMap(({ publishes }): readonly EventType[] => publishes))].filter(
      (type) => type !== 'ProductChanged',
    ),
  },
];

const placeOf = ({ topic, partition, offset }: { topic: string; partition: number; offset: string }): string =>
  `${topic}/${partition}/${offset}`;

/**
 * By two witnesses that the group itself does not count with: the line that it logs for each record (LOG_LEVEL=info), and
 * the rows in `parked`.
 * @param records all that stands in the topics
 */
export async function accountOf(
  world: World,
  { name, service, heard }: (typeof groups)[number],
  records: readonly RawRecord[],
): Promise<Account> {
  const topics = new Set(heard.map((type) => world.prefixes.topics + topicOf(type)));
  const rows = await world.rowsOf<{ topic: string; partition: number; offset: string }>(
    service,
    'SELECT topic, partition, "offset"::text FROM parked WHERE consumer = $1',
    [name],
  );
  const parked = new Set(rows.map(placeOf));
  const done = new Set<string>();
  for (const line of await world.logOf(service)) {
    if (!line.includes(`"group":"${name}"`)) continue;
    const said = JSON.parse(line) as { topic: string; partition: number; offset: string; msg: string };
    if (said.msg === 'done' || said.msg === 'duplicate') done.add(placeOf(said));
  }
  const count = { handled: 0, parked: 0, dropped: 0 };
  const lost: string[] = [];
  const own = records.filter(({ topic }) => topics.has(topic));
  for (const record of own) {
    const type = record.headers['ce_type']?.toString() ?? '';
    const place = placeOf(record);
    if (isEventType(type) && !heard.includes(type)) count.dropped += 1;
    else if (parked.has(place)) count.parked += 1;
    else if (done.has(place)) count.handled += 1;
    else lost.push(`${place} ${type}`);
  }
  return { records: own.length, ...count, lost };
}
