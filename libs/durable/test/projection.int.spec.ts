import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { topics } from '@orderflow/contracts';
import type { ConsumerDefinition, IncomingEvent } from '../src/index.js';
import { Inbox } from '../src/inbox/inbox.js';
import {
  type Instance,
  type Add,
  aContext,
  aRecord,
  type CounterTypes,
  counting,
  eventOf,
  kinds,
  undecodable,
} from './counters.js';
import { CountersDatabase } from './counters-database.js';

const counters = new CountersDatabase();
let one: Instance;
let two: Instance;

interface Numbered extends Add {
  readonly sequence: number;
}

/** A read model: it has no inbox and recognises duplicates by their sequence. */
const viewing: ConsumerDefinition<CounterTypes> = {
  ...counting(),
  consumer: 'views',
  inbox: false,
  decider: {
    decide: (command, { sequence }) => ((command as Numbered).sequence > sequence ? [command] : []),
    evolve: (counter, { by }) => ({ ...counter, value: counter.value + by, sequence: counter.sequence + 1 }),
  },
  effects: () => [],
};

beforeAll(() => {
  one = counters.instance({ definition: viewing });
  two = counters.instance({ definition: viewing });
});

const numbered = (subject: string, sequence: number): IncomingEvent<Add> => {
  const command: Numbered = { subject, by: 1, sequence };
  return eventOf(command);
};
const inboxRows = async () => (await counters.database.query(`SELECT 1 FROM inbox WHERE consumer = 'views'`)).length;

describe('a projection', () => {
  it('applies each event once by its sequence, without an inbox, at two instances and in a replay', async () => {
    const subjects = Array.from({ length: 20 }, () => randomUUID());
    const published = subjects.flatMap((subject) => [1, 2, 3, 4, 5].map((sequence) => numbered(subject, sequence)));
    for (let replay = 0; replay < 2; replay++)
      await Promise.all([one, two].flatMap(({ commands }) => published.map((event) => commands.submit(event))));
    const rows = await counters.database.query(
      'SELECT DISTINCT value, sequence FROM counters WHERE subject = ANY ($1)',
      [subjects],
    );
    expect([rows, await inboxRows()]).toEqual([[{ value: 5, sequence: 5 }], 0]);
  });

  it('parks an undecodable record once, and the later events of its subject', async () => {
    const subject = randomUUID();
    const poison = undecodable(subject);
    expect(kinds(await one.handler.handle([poison, numbered(subject, 1)]))).toEqual(['parked', 'parked']);
    expect(kinds(await two.handler.handle([poison]))).toEqual(['duplicate']);
  });

  it('handles a retry of a parked record once', async () => {
    const subject = randomUUID();
    const event = numbered(subject, 1);
    await one.handler.handle([undecodable(subject, { record: event.record })]);
    const [parked] = await counters.parkedEventsOf(subject);
    const retry = { ...event, context: aContext(), record: aRecord(), parkedId: parked!.id };
    expect(kinds(await one.handler.handle([retry]))).toEqual(['done']);
    expect(kinds(await two.handler.handle([retry]))).toEqual(['duplicate']);
  });
});

describe('the purge of an inbox', () => {
  // proves: the inbox outlasts every topic
  it('deletes only ids that are older than the retention of every topic, in pieces', async () => {
    const inbox = new Inbox('purged');
    const events = Array.from({ length: 8 }, (_, i) => numbered(randomUUID(), i));
    await inbox.admit(counters.database, events);
    const [young, ...old] = events.map(({ context }) => context.id);
    await counters.database.query(
      `UPDATE inbox SET received_at = now() - interval '10 days' WHERE event_id = ANY ($1::uuid[])`,
      [old],
    );
    const { config } = topics['payments.events'];
    const keptByTopics = (Number(config['retention.ms']) + Number(config['segment.ms'])) / 1000;
    await counters.database.query(
      `UPDATE inbox SET received_at = now() - make_interval(secs => $2) WHERE event_id = $1`,
      [young, keptByTopics],
    );
    expect([await inbox.purge(counters.database, 4), await inbox.purge(counters.database, 4)]).toEqual([true, false]);
    expect(await counters.database.query(`SELECT event_id FROM inbox WHERE consumer = 'purged'`)).toEqual([
      { event_id: young },
    ]);
  });

  // proves: the purge reads the oldest ids only
  it('reads no row but those that it deletes, also where the rows of earlier purges are not vacuumed yet', async () => {
    const { database } = counters;
    await database.query('ALTER TABLE inbox SET (autovacuum_enabled = false)');
    await database.query(
      `INSERT INTO inbox SELECT 'purged', gen_random_uuid(), now() - make_interval(secs => 1000000 - n * 20)
       FROM generate_series(1, 20000) AS n`,
    );
    await database.query('ANALYZE inbox');
    const inbox = new Inbox('purged');
    for (let piece = 0; piece < 3; piece++) expect(await inbox.purge(database, 2_000)).toBe(true);
    const plans: string[] = [];
    const explained = {
      query: async <Row>(text: string, values?: readonly unknown[]) => {
        const rows = await database.query(`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${text}`, values);
        plans.push(JSON.stringify(rows));
        return [{ purged: 0, until: null }] as Row[];
      },
    };
    await inbox.purge(explained, 500);
    expect(plans.join()).toContain('inbox_received_at');
    expect(plans.join()).not.toContain('Seq Scan');
    const [, read] = /"Index Name":"inbox_received_at".*?"Actual Rows":(\d+)/.exec(plans.join())!;
    expect(Number(read)).toBe(500);
    // The index and the table: not the 6,000 rows that were deleted before.
    const [, pages] = /"Index Name":"inbox_received_at".*?"Shared Hit Blocks":(\d+)/.exec(plans.join())!;
    expect(Number(pages)).toBeLessThan(20);
  });
});
