import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { eventually } from '@orderflow/client';
import { type Event, topics } from '@orderflow/contracts';
import { BadRecord, type RawRecord } from '@orderflow/kafka';
import { freshTraceparent, traceIdOf } from '@orderflow/telemetry';
import { anEvent, eventData } from '@orderflow/testing';
import { foldOf, type Viewed } from '@orderflow/order-view';
import { cutOf } from '../src/domain/cuts.js';
import { search } from '../src/domain/search.js';
import { headBy, shownStory, toldBy } from '../src/domain/shown.js';
import { JournalSystem } from './journal-system.js';
import { aStory, endings } from './stories.js';

const system = new JournalSystem();

async function decoded(record: RawRecord): Promise<Event | undefined> {
  try {
    return await system.codec.decode(record, system.prefix);
  } catch (error) {
    if (error instanceof BadRecord) return undefined;
    throw error;
  }
}

/** Everything on the topics, read by another consumer: the event and the instant by the broker's clock. */
async function readTopics(): Promise<{ event: Event; appendedAt: Date }[]> {
  const found: { event: Event; appendedAt: Date }[] = [];
  const names = Object.keys(topics)
    .filter((name) => !name.endsWith('.dead-letters'))
    .map((name) => system.prefix + name);
  await system.broker.readLog(names, 'earliest', async (records) => {
    for (const record of records) {
      const event = await decoded(record);
      if (event) found.push({ event, appendedAt: record.timestamp });
    }
  });
  return found;
}

describe('the journal', () => {
  it('has every record of every topic once, also when a member takes over in the middle', async () => {
    const first = await system.consume();
    const stories = Array.from({ length: 20 }, (_, index) => aStory(endings[index % endings.length]!));
    const half = stories.flatMap((story) => story.slice(0, 3));
    await system.publish(...half);
    await eventually(async () => expect(await system.countRows()).toBeGreaterThan(0));
    const second = await system.consume();
    await system.stop(first);
    await system.publish(...stories.flatMap((story) => story.slice(3)));
    await system.caughtUp();
    const rows = await system.database.query<{ position: string; id: string; place: string; repeats: boolean }>(
      `SELECT position, event_id AS id, concat_ws('/', topic, partition, "offset") AS place, repeats
       FROM journal ORDER BY position`,
    );
    // A publish that got no answer in time is sent again, and so may be on the topic twice.
    expect(new Set(rows.map(({ place }) => place)).size).toBe(rows.length);
    const told = rows.filter(({ repeats }) => !repeats).map(({ id }) => id);
    expect(told.toSorted()).toEqual(
      stories
        .flat()
        .map(({ id }) => id)
        .toSorted(),
    );
    expect(rows.map(({ position }) => position)).toEqual(rows.map((_, index) => String(index + 1)));
    await system.stop(second);
  });

  it('keeps what cannot be decoded and dead letters as rows, and goes on', async () => {
    const consumer = await system.consume();
    const [placed, ...rest] = aStory('confirmed');
    const record = system.recordOf(placed!);
    await system.broker.publish([
      { ...record, value: Buffer.from('no frame') },
      { ...record, topic: `${system.prefix}payments.dead-letters` },
      record,
    ]);
    await system.publish(...rest);
    await system.caughtUp();
    const { told, others, asOf } = await cutOf(system.journal, placed!.subject, {});
    expect(others.map(({ why, topic }) => `${topic}: ${why}`).toSorted()).toEqual([
      'orders.events: not_framed',
      'payments.dead-letters: dead_letter',
    ]);
    expect(told.map(({ event }) => event.id).toSorted()).toEqual([placed!, ...rest].map(({ id }) => id).toSorted());
    expect(asOf.complete).toBe(true);
    await system.stop(consumer);
  });

  it('has an event that the relay sent again as a second row, and shows it once', async () => {
    const consumer = await system.consume();
    const story = aStory('outOfStock');
    await system.publish(...story, story[0]!);
    await system.caughtUp();
    const records = await system.journal.recordsOf(story[0]!.subject);
    expect(records.filter(({ repeats }) => repeats).map(({ event }) => event?.id)).toEqual([story[0]!.id]);
    expect(toldBy(records)).toHaveLength(story.length);
    await system.stop(consumer);
  });
});

describe('the past of 100 orders', () => {
  it('at 20 version vectors and instants of each is what its readers saw', async () => {
    const consumer = await system.consume();
    const stories = Array.from({ length: 100 }, (_, index) => aStory(endings[index % endings.length]!));
    const ids = stories.map(([placed]) => placed!.subject);
    const samples: { orderId: string; view: ReturnType<typeof foldOf> }[] = [];
    const longest = Math.max(...stories.map(({ length }) => length));
    for (let step = 0; step < longest; step++) {
      await system.publish(...stories.flatMap((story) => story.slice(step, step + 1)));
      for (const { orderId, head } of await system.journal.heads(ids)) samples.push({ orderId, view: head.view });
    }
    await system.caughtUp();
    const records = await system.journal.recordsOfEach(ids);
    const through = new Date();
    // Read once: thousands of cuts would be as many queries.
    const journal = {
      recordsOf: async (orderId: string) => [...(records.get(orderId) ?? [])],
      through: async () => through,
    };
    for (const { orderId, view } of samples) {
      const { told } = await cutOf(journal, orderId, { heard: view.sequences });
      const { placedAt: _, ...folded } = foldOf(told.map(({ event }) => event));
      expect(view).toMatchObject(folded);
    }
    // The independent reader folds by the timestamps of the topics alone.
    const all = await readTopics();
    for (const orderId of ids) {
      const own = all.filter(({ event }) => event.subject === orderId);
      const instants = own.flatMap(({ appendedAt }) => [appendedAt, new Date(appendedAt.getTime() - 1)]).slice(0, 20);
      for (const at of instants) {
        const until = own.filter(({ appendedAt }) => appendedAt <= at).map(({ event }) => event as Viewed);
        const { told } = await cutOf(journal, orderId, { at });
        expect(foldOf(told.map(({ event }) => event))).toEqual(foldOf(until));
      }
      expect(headBy(toldBy(records.get(orderId)!)).view).toEqual(foldOf(own.map(({ event }) => event as Viewed)));
    }
    await system.stop(consumer);
  });

  it('is not complete while a record waits that was appended before the instant', async () => {
    const [placed] = aStory('confirmed');
    await system.publish(placed!);
    const { asOf } = await cutOf(system.journal, placed!.subject, { at: new Date() });
    expect(asOf.complete).toBe(false);
    const consumer = await system.consume();
    await system.caughtUp();
    const later = await cutOf(system.journal, placed!.subject, { at: new Date(asOf.at) });
    expect(later.asOf.complete).toBe(true);
    expect(later.told.map(({ event }) => event.id)).toEqual([placed!.id]);
    await system.stop(consumer);
  });
});

describe('a search', () => {
  it('finds an order by every text that names it', async () => {
    const consumer = await system.consume();
    const traceparent = freshTraceparent();
    const [placed, ...rest] = aStory('confirmed');
    const name = randomUUID();
    const data = {
      ...eventData.OrderPlaced,
      customerId: `c-${name}`,
      email: `${name}@example.com`,
      lines: [{ sku: `SKU-${name}`, quantity: 1, unitPriceMinor: 5, largeUnitPriceMinor: null }],
    };
    const event = anEvent('OrderPlaced', { ...(placed as Event<'OrderPlaced'>), data });
    await system.broker.publish([system.recordOf(event, traceparent)]);
    const charged = { chargeId: `ch_${name}`, amountMinor: 1, currency: 'EUR' };
    await system.publish(...rest.map((it) => (it.type === 'PaymentCaptured' ? { ...it, data: charged } : it)));
    await system.caughtUp();
    const [record] = toldBy(await system.journal.recordsOf(event.subject));
    const { topic, partition, offset } = record!.record;
    const texts = {
      order: event.subject,
      event: event.id,
      customer: `c-${name}`,
      mail: `${name}@example.com`,
      sku: `SKU-${name}`,
      charge: `ch_${name}`,
      trace: traceIdOf(traceparent)!,
      record: `${topic}/${partition}/${offset}`,
    };
    for (const [kind, text] of Object.entries(texts)) {
      const hits = await search(system.journal, text);
      expect(hits.map((hit) => [hit.kind, hit.orderId])).toEqual([[kind, event.subject]]);
    }
    expect(await search(system.journal, 'nothing of this name')).toEqual([]);
    const stored = JSON.stringify(await system.database.query('SELECT term FROM search_terms'));
    expect(stored).not.toContain('@');
    await system.stop(consumer);
  });
});

describe('the story of an order', () => {
  it('shows no e-mail address and no payment token', async () => {
    const consumer = await system.consume();
    const story = aStory('tooLate');
    await system.publish(...story);
    await system.caughtUp();
    const { told, others, asOf } = await cutOf(system.journal, story[0]!.subject, {});
    const text = JSON.stringify(shownStory(story[0]!.subject, told, others, asOf));
    expect(text).toContain('a***@example.com');
    expect(text).not.toContain('ada@example.com');
    expect(text).not.toContain('JWE');
    expect(text).not.toContain('keyed hash');
    await system.stop(consumer);
  });
});
