import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Connection } from '@orderflow/durable';
import { type Event, topics } from '@orderflow/contracts';
import { anEvent } from '@orderflow/testing';
import { asOperator } from '../../../libs/kafka/test/topic-config.js';
import { JournalRebuild } from '../src/adapters/rebuild/journal-rebuild.js';
import type { JournalConsumer } from '../src/adapters/journal-consumer.js';
import { headBy, toldBy } from '../src/domain/shown.js';
import { JournalSystem } from './journal-system.js';
import { aStory, endings } from './stories.js';

const system = new JournalSystem();
let consumer: JournalConsumer;
let stories: Event[][];

const query = <Row>(text: string, values: readonly unknown[] = []) => system.database.query<Row>(text, values);
const rebuild = (): JournalRebuild =>
  new JournalRebuild(
    { database: system.database, broker: system.broker, codec: system.codec, prefix: system.prefix },
    system.url,
  );
const run = (isDryRun: boolean, beside: 'rebuild' | 'replaced' = 'rebuild') =>
  rebuild().run(beside, isDryRun, () => undefined);

const CONTENT = {
  journal: 'SELECT * FROM journal ORDER BY position',
  heads: 'SELECT * FROM heads ORDER BY order_id',
  search_terms: 'SELECT * FROM search_terms ORDER BY position, kind, term',
};
const content = async (): Promise<Readonly<Record<string, object[]>>> =>
  Object.fromEntries(
    await Promise.all(Object.entries(CONTENT).map(async ([name, sql]) => [name, await query<object>(sql)])),
  );
const namesOf = ({ named }: { named: readonly { key: string }[] }) => named.map(({ key }) => key).toSorted();
const idOf = (index: number): string => stories[index]![0]!.subject;
/** `topic/partition/offset` of the n-th record of a story. */
async function placeOf(index: number, nth: number): Promise<string> {
  const [row] = await query<{ place: string }>(
    `SELECT concat_ws('/', topic, partition, "offset") AS place FROM journal WHERE event_id = $1`,
    [stories[index]![nth]!.id],
  );
  return row!.place;
}

beforeEach(async () => {
  await rebuild().drop(false);
  await query('TRUNCATE journal, heads, search_terms');
  await query('UPDATE journal_end SET position = 0, pruned_before = NULL');
  await query('DELETE FROM consumed_offsets');
  consumer = await system.consume();
  stories = Array.from({ length: 12 }, (_, index) => aStory(endings[index % endings.length]!));
  const products = [1, 2, 3].map((sequence) => anEvent('ProductChanged', { subject: 'SKU-1', sequence }));
  // One after the other: the broker's clock tells them apart.
  for (let step = 0; step < 8; step++) await system.publish(...stories.flatMap((story) => story.slice(step, step + 1)));
  await system.publish(stories[0]![0]!, ...products);
  const record = system.recordOf(aStory('confirmed')[0]!);
  await system.broker.publish([
    { ...record, value: Buffer.from('no frame') },
    { ...record, topic: `${system.prefix}payments.dead-letters` },
  ]);
  await system.caughtUp();
}, 60_000);

afterEach(() => system.stop(consumer));

describe('a journal that is built anew from the topics', () => {
  it('is the live one, row by row: nothing is wrong, and a switch changes nothing', async () => {
    const before = await content();
    const compared = await run(true);
    expect(compared).toMatchObject({ wrong: 0, lacking: 0, named: [], kept: 0, isSwitched: false });
    expect(compared.checksums[0]).toBe(compared.checksums[1]);
    const rows = Object.values(before).reduce((sum, one) => sum + one.length, 0);
    expect(compared.compared).toBe(rows);
    expect(await run(false)).toMatchObject({ wrong: 0, lacking: 0, isSwitched: true });
    expect(await content()).toEqual(before);
  });

  it('names each wrong, missing and planted row, and mends them at the switch; --undo goes back', async () => {
    const before = await content();
    const wrong = await placeOf(0, 1);
    await query(`UPDATE journal SET type = 'StockRejected' WHERE event_id = $1`, [stories[0]![1]!.id]);
    const lacking = await placeOf(1, 2);
    await query('DELETE FROM journal WHERE event_id = $1', [stories[1]![2]!.id]);
    await query(
      `INSERT INTO journal SELECT (j).* FROM (SELECT jsonb_populate_record(journal, '{"position": 100000}') AS j
       FROM journal WHERE event_id = $1) planted`,
      [stories[2]![3]!.id],
    );
    await query('UPDATE journal_end SET position = 100000');
    const planted = await placeOf(2, 3);
    await query(`UPDATE heads SET status = 'placed' WHERE order_id = $1`, [idOf(3)]);
    await query('DELETE FROM heads WHERE order_id = $1', [idOf(4)]);
    await query(`DELETE FROM search_terms WHERE kind = 'mail' AND subject = $1`, [idOf(5)]);
    const harmed = await content();

    const compared = await run(true);
    expect(compared).toMatchObject({ isSwitched: false, kept: 0 });
    const [mail] = (before['search_terms'] as { kind: string; term: string; subject: string }[]).filter(
      ({ kind, subject }) => kind === 'mail' && subject === idOf(5),
    );
    const names = [wrong, lacking, planted, idOf(3), idOf(4), `mail ${mail!.term} of ${idOf(5)}`];
    expect(namesOf(compared)).toEqual(expect.arrayContaining(names));
    // The terms of the record that is missing are there.
    expect(compared.named).toHaveLength(names.length);
    expect(compared.named.find(({ key }) => key === wrong)).toMatchObject({
      live: { type: 'StockRejected' },
      rebuilt: { type: 'StockReserved' },
    });
    expect(compared.named.find(({ key }) => key === planted)).toMatchObject({ rebuilt: null });
    expect(JSON.stringify(compared.named.map(({ live }) => live))).not.toContain('example.com');
    expect(await content()).toEqual(harmed);

    expect(namesOf(await run(false))).toEqual(namesOf(compared));
    const mended = await content();
    // The missing record comes last: a stream that goes on after a position has it.
    const [last] = (mended['journal'] as { position: string; event_id: string }[]).slice(-1);
    expect(last).toMatchObject({ position: '100001', event_id: stories[1]![2]!.id });
    expect(await system.journal.end()).toBe('100001');
    const others = (rows: readonly { event_id?: string }[]) =>
      rows.filter((row) => row.event_id !== stories[1]![2]!.id);
    expect(others(mended['journal'] as [])).toEqual(others(before['journal'] as []));
    expect(mended['heads']).toEqual(before['heads']);
    for (const [index, story] of stories.entries()) {
      const told = toldBy(await system.journal.recordsOf(idOf(index)));
      expect(told.map(({ event }) => event.id).toSorted()).toEqual(story.map(({ id }) => id).toSorted());
      const [listed] = await system.journal.heads([idOf(index)]);
      expect(listed!.head.told).toEqual(headBy(told).told);
    }
    expect(await run(true)).toMatchObject({ wrong: 0, lacking: 0 });

    await run(false, 'replaced');
    // An order without a head is folded; everything else is as it was.
    const [head] = (before['heads'] as { order_id: string }[]).filter(({ order_id }) => order_id === idOf(4));
    const heads = [...(harmed['heads'] as { order_id: string }[]), head!];
    expect(await content()).toEqual({ ...harmed, heads: heads.toSorted((a, b) => (a.order_id < b.order_id ? -1 : 1)) });
  });

  it('keeps records that the topics hold no more, and judges the others', async () => {
    await trim();
    const before = await content();
    await query(`UPDATE heads SET status = 'placed' WHERE order_id = $1`, [idOf(3)]);
    const rebuilt = await run(false);
    const products = (before['journal'] as { topic: string }[]).filter(({ topic }) => topic === 'inventory.products');
    expect(rebuilt.kept).toBe(before['journal']!.length - products.length);
    expect(namesOf(rebuilt)).toEqual([idOf(3)]);
    expect(await content()).toEqual(before);
  });

  it('keeps them also when they expire between two runs', async () => {
    await run(true);
    await trim();
    const more = aStory('confirmed');
    await system.publish(...more.slice(0, 3));
    await system.caughtUp();
    await trim();
    await system.publish(...more.slice(3));
    await system.caughtUp();
    const before = await content();
    expect(await run(false)).toMatchObject({ wrong: 0, lacking: 0, isSwitched: true });
    expect(await content()).toEqual(before);
  });

  it.each(['fill', 'fold', 'compare', 'switch'])('goes on where a run was ended in its phase %s', async (phase) => {
    const before = await content();
    const wrong = await placeOf(0, 1);
    await query(`UPDATE journal SET type = 'StockRejected' WHERE event_id = $1`, [stories[0]![1]!.id]);
    const ended = rebuild().run('rebuild', false, (now) => {
      if (now === phase) throw new Error('ended');
    });
    await expect(ended).rejects.toThrow('ended');
    const rebuilt = await run(false);
    expect(rebuilt).toMatchObject({ wrong: 1, lacking: 0, isSwitched: true });
    expect(namesOf(rebuilt)).toEqual([wrong]);
    expect(await content()).toEqual(before);
  });

  it('leaves out orders that were pruned', async () => {
    await query('UPDATE journal_end SET pruned_before = now()');
    for (const table of ['journal', 'search_terms']) await query(`DELETE FROM ${table} WHERE subject = $1`, [idOf(0)]);
    await query('DELETE FROM heads WHERE order_id = $1', [idOf(0)]);
    const before = await content();
    expect(await run(false)).toMatchObject({ wrong: 0, lacking: 0, isSwitched: true });
    expect(await content()).toEqual(before);
  });

  it('loses no record at a switch and at its undo while records arrive, and no read fails', async () => {
    let isOver = false;
    const told: Event[] = [];
    const read: string[] = [];
    const publishing = (async () => {
      for (let index = 0; !isOver; index++) {
        const story = aStory(endings[index % endings.length]!);
        await system.publish(...story);
        told.push(...story);
        await pause(20);
      }
    })();
    // As a stream goes on after a position.
    const reading = (async () => {
      for (let from = await system.journal.end(); !isOver;) {
        const to = await system.journal.end();
        read.push(...(await system.journal.changedBetween(from, to)));
        await system.journal.list({}, 20);
        from = to;
        await pause(20);
      }
    })();
    try {
      await run(false);
      await run(false, 'replaced');
    } finally {
      isOver = true;
      await publishing;
    }
    await reading;
    await system.caughtUp();
    const ids = await query<{ id: string }>(
      'SELECT event_id AS id FROM journal WHERE NOT repeats AND event_id IS NOT NULL',
    );
    expect(ids.map(({ id }) => id)).toEqual(expect.arrayContaining(told.map(({ id }) => id)));
    const places = await query(`SELECT topic, partition, "offset" FROM journal GROUP BY 1, 2, 3 HAVING count(*) > 1`);
    expect(places).toEqual([]);
    expect(read.length).toBeGreaterThan(0);
    expect(await run(true)).toMatchObject({ wrong: 0, lacking: 0 });
  }, 240_000);

  it('is dropped with its offsets', async () => {
    await run(false);
    await run(true);
    const names = (beside: string) => ['heads', 'search_terms', 'journal'].map((table) => `${beside}.${table}`);
    expect(await rebuild().drop(true)).toEqual([...names('rebuild'), ...names('replaced')]);
    expect(await rebuild().drop(false)).toHaveLength(6);
    expect(await rebuild().drop(false)).toEqual([]);
    expect(await query('SELECT DISTINCT consumer FROM consumed_offsets')).toEqual([{ consumer: 'console.journal' }]);
    await expect(run(false, 'replaced')).rejects.toThrow('no switch can be undone');
  });

  it('gives way to another run', async () => {
    const other = new Connection(system.url, 'other');
    try {
      await other.session((sql) => sql.query(`SELECT pg_advisory_lock(${0x0f11}, hashtext('journal'))`));
      await expect(run(true)).rejects.toThrow('another run works on journal');
    } finally {
      await other.end();
    }
  });
});

/** Every record expires, but those of the topic that keeps the newest ones. */
async function trim(): Promise<void> {
  const brokers = (process.env['KAFKA_BROKERS'] ?? '').split(',');
  await asOperator(brokers, async (admin) => {
    for (const name of Object.keys(topics).filter((it) => it !== 'inventory.products')) {
      const topic = system.prefix + name;
      const held = (await admin.fetchTopicOffsets(topic)).filter(({ low, high }) => low !== high);
      const partitions = held.map(({ partition, high }) => ({ partition, offset: high }));
      if (partitions.length > 0) await admin.deleteTopicRecords({ topic, partitions });
    }
  });
}
