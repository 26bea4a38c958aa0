import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type ProgramName, programNames } from '@orderflow/client';
import { KafkajsBroker, type RawRecord } from '@orderflow/kafka';
import { connected, databaseUrlOf, dropDatabase, migrate } from '@orderflow/local';
import { join } from 'node:path';
import { topics } from '@orderflow/contracts';
import { audit, type AuditReport } from './audit.ts';
import type { Databases } from './database-reader.ts';
import { lacksTopics, type LogAddress } from './journal.ts';
import { seedDatabases } from './seed-databases.ts';

const id = randomUUID().slice(0, 8);
const topicPrefix = `audit-${id}.`;
const prisma = join(import.meta.dirname, '../../../prisma');

let system: Databases & Required<Omit<LogAddress, 'logins'>>;
let broker: KafkajsBroker;
const read: RawRecord[] = [];

const urlOf = (name: ProgramName) => databaseUrlOf(system.databaseUrl, system.databasePrefix + name);

const sql = async (text: string, values: unknown[] = []) =>
  connected(urlOf('console'), async (client) => client.query(text, values));

const INSERT = `
  INSERT INTO journal (position, subject, type, source, sequence, event_id, why, appended_at, topic, partition, "offset", value, repeats)
  SELECT row_number() OVER (), * FROM jsonb_to_recordset($1::jsonb) AS read (
    subject text, type text, source text, sequence int, event_id uuid, why text, appended_at timestamptz, topic text, partition int,
    "offset" bigint, value bytea, repeats boolean)`;

const OFFSETS = `
  INSERT INTO consumed_offsets (consumer, topic, partition, next_offset)
  SELECT 'console.journal', $1 || topic, partition, max("offset") + 1 FROM journal GROUP BY topic, partition`;

/** The row of a record. Its value is the number of the event. */
function rowFor({ topic, partition, offset, timestamp, key, value, headers }: RawRecord) {
  const name = topic.slice(topicPrefix.length);
  const why = name.endsWith('.dead-letters') ? 'dead_letter' : headers['ce_type'] ? null : 'not_framed';
  return {
    subject: key!.toString(),
    type: headers['ce_type']?.toString() ?? '',
    why,
    ...(why === null && { source: 'orders', sequence: Number(value), event_id: headers['ce_id']!.toString() }),
    appended_at: timestamp,
    topic: name,
    partition,
    offset,
    value: `\\x${value!.toString('hex')}`,
    repeats: false,
  };
}

const recordOf = (key: string, sequence: number) => ({
  topic: `${topicPrefix}orders.events`,
  key,
  value: Buffer.from(String(sequence)),
  headers: { ce_id: randomUUID(), ce_type: 'OrderPlaced' },
});

const [tea, mugs] = ['0190a6c2-7e4f-7000-8000-000000000001', '0190a6c2-7e4f-7000-8000-000000000002'];

beforeAll(async () => {
  const { DATABASE_URL: databaseUrl, KAFKA_BROKERS: kafkaBrokers } = process.env;
  if (!databaseUrl || !kafkaBrokers)
    throw new Error(
      'DATABASE_URL or KAFKA_BROKERS is not set: run npm test, or scripts/infra.ts and export its variables',
    );
  system = { databaseUrl, databasePrefix: `audit_${id}_`, kafkaBrokers, topicPrefix };
  await seedDatabases(system, 10);
  await migrate({ databaseUrl: urlOf('console'), folder: join(prisma, 'console/migrations') });
  broker = new KafkajsBroker({ brokers: kafkaBrokers.split(','), clientId: 'test' });
  await broker.ensureTopics(topicPrefix);
  const unreadable = { ...recordOf(tea, 0), headers: {} };
  const events = [1, 2, 3].flatMap((sequence) => [recordOf(tea, sequence), recordOf(mugs, sequence)]);
  // A broker that answers late may get them twice: no test counts on how many there are.
  await broker.publish([
    ...events,
    events[0]!,
    unreadable,
    { ...recordOf(tea, 9), topic: `${topicPrefix}orders.dead-letters` },
  ]);
  const names = Object.keys(topics).map((name) => topicPrefix + name);
  await broker.readLog(names, 'earliest', async (records) => void read.push(...records));
}, 180_000);
afterAll(async () => {
  await broker.disconnect();
  for (const name of programNames) await dropDatabase(urlOf(name));
}, 180_000);

/** A journal of everything on the topics. */
beforeEach(async () => {
  await sql('TRUNCATE journal, consumed_offsets');
  await sql(INSERT, [JSON.stringify(read.map(rowFor))]);
  await sql(OFFSETS, [topicPrefix]);
});

/** Of each rule about the journal: both figures, and the subjects that break it. */
const journalIn = ({ findings }: AuditReport) =>
  findings
    .filter(({ id: rule }) => rule.startsWith('journal'))
    .map(({ expected, found, violations }) => ({
      expected,
      found,
      subjects: violations.map(({ subject }) => subject),
    }));

const recordAt = (key: string, sequence: number): RawRecord =>
  read.find((it) => it.key?.toString() === key && it.value?.toString() === String(sequence))!;
const placeOf = ({ partition, offset }: RawRecord): string => `orders.events/${partition}@${offset}`;
const rowOf = ({ partition, offset }: RawRecord): string =>
  `WHERE topic = 'orders.events' AND partition = ${partition} AND "offset" = ${offset}`;

describe('the journal of a system', () => {
  it('equals the topics: both figures count each record, repeats and unreadable ones too', async () => {
    const report = await audit(system, 0);
    expect(journalIn(report)).toEqual([
      { expected: `${read.length} records`, found: `${read.length} rows`, subjects: [] },
      { expected: '6 events', found: '6 events', subjects: [] },
    ]);
    expect(report.ok).toBe(true);
  });

  it('is judged by its own offsets while it is rebuilt', async () => {
    const before = journalIn(await audit(system, 0));
    await sql(
      `INSERT INTO consumed_offsets (consumer, topic, partition, next_offset)
       SELECT 'console.journal.rebuild', topic, partition, 0 FROM consumed_offsets`,
    );
    expect(journalIn(await audit(system, 0))).toEqual(before);
  });

  it('is judged as far as it has read, and the rest is counted', async () => {
    const { partition, offset } = recordAt(tea, 3);
    const place = `partition = ${partition} AND topic LIKE '%orders.events'`;
    await sql(`DELETE FROM journal WHERE ${place} AND "offset" >= ${offset}`);
    await sql(`UPDATE consumed_offsets SET next_offset = ${offset} WHERE ${place}`);
    const [journal] = journalIn(await audit(system, 0));
    expect(journal!.found).toMatch(/^\d+ rows, \d+ not read yet$/);
    expect(journal!.subjects).toEqual([]);
  });

  it('breaks a rule by a missing row, by a wrong row, and by a row too many', async () => {
    const [missing, wrong, twice] = [recordAt(tea, 2), recordAt(mugs, 2), recordAt(mugs, 3)];
    await sql(`DELETE FROM journal ${rowOf(missing)}`);
    await sql(`UPDATE journal SET value = 'x' ${rowOf(wrong)}`);
    await sql(
      `INSERT INTO journal SELECT (jsonb_populate_record(journal, '{"position": 99}')).* FROM journal ${rowOf(twice)}`,
    );
    const report = await audit(system, 0);
    expect(report.ok).toBe(false);
    const [journal] = journalIn(report);
    expect(journal!.subjects.toSorted()).toEqual([missing, wrong, twice].map(placeOf).toSorted());
  });

  it('breaks a rule by a row behind everything that it has read', async () => {
    const moved = recordAt(tea, 3);
    await sql(`UPDATE journal SET "offset" = 1000 ${rowOf(moved)}`);
    const [journal] = journalIn(await audit(system, 0));
    expect(journal!.subjects.toSorted()).toEqual([placeOf(moved), placeOf({ ...moved, offset: '1000' })].toSorted());
  });

  it('breaks a rule by a gap, unless a record of the subject was no event to it', async () => {
    await sql(`DELETE FROM journal WHERE subject = '${mugs}' AND sequence = 2`);
    const subjects = [`orders, ${mugs}`];
    expect(journalIn(await audit(system, 0))[1]).toEqual({ expected: '6 events', found: '5 events', subjects });
    await sql(`DELETE FROM journal WHERE subject = '${tea}' AND sequence = 2`);
    expect(journalIn(await audit(system, 0))[1]).toEqual({ expected: '5 events', found: '4 events', subjects });
  });
});

it('without its brokers, a journal is judged by itself, and a system without a console as ever', async () => {
  const { databaseUrl, databasePrefix } = system;
  const judged = async () => {
    const { findings } = await audit({ databaseUrl, databasePrefix }, 0);
    return [findings.map(({ id }) => id).filter((id) => id.startsWith('journal')), lacksTopics(findings)];
  };
  expect(await judged()).toEqual([['journal-gaps'], true]);
  expect(lacksTopics((await audit(system, 0)).findings)).toBe(false);
  await dropDatabase(urlOf('console'));
  expect(await judged()).toEqual([[], false]);
});
