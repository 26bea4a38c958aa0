import { eventually } from '@orderflow/client';
import { describe, expect, it } from '@jest/globals';
import { PublishRefused } from '@orderflow/kafka';
import type { Dependencies } from '../src/index.js';
import { Outbox } from '../src/outbox/outbox.js';
import { notingPublisher, record, RelayDatabase, texts } from './relay-database.js';

const relays = new RelayDatabase();

describe('the relay of a service whose topic has lost records', () => {
  // proves: nothing is published to a log that has lost records
  it('holds its rows back until the topic is whole again', async () => {
    const { published, publisher } = notingPublisher();
    let [isWhole, looks] = [false, 0];
    const whole = async () => {
      looks++;
      return isWhole;
    };
    await relays.append(record('k', 'a'));
    const ownLogs = { whole, suspect: () => undefined, acknowledged: async () => undefined };
    relays.start(publisher, { ownLogs });
    await eventually(() => looks > 3);
    expect(published).toEqual([]);
    isWhole = true;
    await eventually(relays.isDrained);
    expect(published).toEqual(['a']);
  });

  it('is told of each batch that is stored, and of each publish that failed', async () => {
    let failures = 1;
    const { published, publisher } = notingPublisher(() => {
      if (failures-- > 0) throw new Error('cut');
    });
    const told: string[] = [];
    const ownLogs: NonNullable<Dependencies['ownLogs']> = {
      whole: async () => true,
      suspect: () => void told.push('suspect'),
      acknowledged: async () => void told.push('acknowledged'),
    };
    await relays.append(record('k', 'a'));
    relays.start(publisher, { ownLogs });
    await eventually(relays.isDrained);
    await eventually(() => told.length === 2);
    expect([published, told]).toEqual([['a'], ['suspect', 'acknowledged']]);
  });
});

describe('the relay', () => {
  // proves: the outbox is read in the order of its ids, as numbers
  it('publishes committed rows in order and deletes them', async () => {
    const { published, publisher } = notingPublisher();
    await relays.append(...texts(100).map((text) => record('k', text)));
    relays.start(publisher);
    await eventually(relays.isDrained);
    expect(published).toEqual(texts(100));
  });

  it('reads the outbox once for the rows of a commit, and again only when it is poked', async () => {
    let reads = 0;
    class Counted extends Outbox {
      override unsent(...from: Parameters<Outbox['unsent']>) {
        reads++;
        return super.unsent(...from);
      }
    }
    const { published, publisher } = notingPublisher();
    await relays.append(record('k', 'a'), record('k', 'b'));
    const relay = relays.start(publisher, { pollMs: 60_000, table: new Counted() });
    await eventually(relays.isDrained);
    await relays.append(record('k', 'c'));
    relay.poke();
    await eventually(relays.isDrained);
    expect([published, reads]).toEqual([['a', 'b', 'c'], 2]);
  });

  it('reads on at once where a read stopped at its limit', async () => {
    const { published, publisher } = notingPublisher();
    await relays.append(...texts(3).map((text) => record('k', text.padEnd(600_000))));
    relays.start(publisher, { pollMs: 60_000 });
    await eventually(relays.isDrained);
    expect(published.map((value) => value.trim())).toEqual(texts(3));
  });

  // proves: the relay has no cursor: a lower id that is committed late is found
  it('publishes a row with a lower id that is committed late', async () => {
    const { published, publisher } = notingPublisher();
    const late = relays.connection('late');
    relays.start(publisher);
    await late.transaction(async (sql) => {
      await relays.outbox.append(sql, [record('late', 'late')]);
      await relays.append(...texts(100).map((text) => record(text, text)));
      await eventually(() => published.length === 100);
    });
    await eventually(relays.isDrained);
    expect(published.at(-1)).toBe('late');
  });

  it('publishes no row before its commit, and none that is rolled back', async () => {
    const { published, publisher } = notingPublisher();
    const open = relays.connection('open');
    relays.start(publisher);
    const rolledBack = open.transaction(async (sql) => {
      await relays.outbox.append(sql, [record('k', 'never')]);
      await relays.append(record('k', 'now'));
      await eventually(relays.isDrained);
      throw new Error('rolled back');
    });
    await expect(rolledBack).rejects.toThrow('rolled back');
    await relays.append(record('k', 'later'));
    await eventually(relays.isDrained);
    expect(published).toEqual(['now', 'later']);
  });

  // proves: the relay deletes only what was acknowledged
  it('publishes again, with the same ids, after an unknown outcome', async () => {
    let failures = 2;
    const sent: string[] = [];
    const { published, publisher } = notingPublisher((records) => {
      sent.push(...records.map(({ headers }) => headers['ce_id']!));
      if (failures-- > 0) throw new Error('no answer');
    });
    await relays.append(record('k', 'a'), record('k', 'b'));
    relays.start(publisher);
    await eventually(relays.isDrained);
    expect([sent, published]).toEqual([
      ['a', 'b', 'a', 'b', 'a', 'b'],
      ['a', 'b'],
    ]);
  });

  // proves: acknowledged rows are deleted before anything else can fail
  it('publishes once although the waiting time of its rows cannot be measured', async () => {
    class UnreadableTimes extends Outbox {
      override async unsent(...from: Parameters<Outbox['unsent']>) {
        return (await super.unsent(...from)).map((row) => ({ ...row, createdAt: '30.11.2026' as never }));
      }
    }
    const { published, publisher } = notingPublisher();
    await relays.append(record('k', 'a'), record('k', 'b'));
    relays.start(publisher, { table: new UnreadableTimes() });
    await eventually(async () => published.length > 2 || (await relays.isDrained()));
    expect(published).toEqual(['a', 'b']);
  });

  // proves: a row that the broker refuses is rejected, and the others are sent
  // proves: a rejected row holds back its own key
  it('marks a row that the broker refuses as rejected, holds back its key only, and publishes the rest', async () => {
    const { published, publisher } = notingPublisher((records) => {
      if (records.some(({ value }) => value.toString() === 'bad')) throw new PublishRefused(new Error('too large'));
    });
    await relays.outbox.append(relays.database, [
      record('a', 'a1'),
      record('x', 'bad'),
      record('b', 'b1'),
      record('x', 'blocked'),
      record('a', 'a2'),
    ]);
    relays.start(publisher);
    await eventually(async () => (await relays.outbox.state(relays.database)).pending === 1);
    await relays.database.query(`UPDATE outbox SET created_at = now() - interval '1 hour'`);
    // A restart would not help a rejected row, so it does not count as old.
    expect(await relays.outbox.state(relays.database)).toEqual({ pending: 1, rejected: 1, oldestAgeMs: 0 });
    expect(published.toSorted()).toEqual(['a1', 'a2', 'b1']);
    expect(published.indexOf('a1')).toBeLessThan(published.indexOf('a2'));
  });

  it('reads at most one batch of the broker at a time, and at least one row', async () => {
    const large = Buffer.alloc(30_000);
    await relays.outbox.append(relays.database, [{ ...record('k', 'large'), value: Buffer.alloc(2_000_000) }]);
    expect(await relays.outbox.unsent(relays.database, [0, 1, 2, 3], 500)).toHaveLength(1);
    await relays.database.query('TRUNCATE outbox');
    await relays.outbox.append(
      relays.database,
      Array.from({ length: 50 }, () => ({ ...record('k', 'large'), value: large })),
    );
    const rows = await relays.outbox.unsent(relays.database, [0, 1, 2, 3], 500);
    expect(rows.length * large.length).toBe(900_000);
    await relays.database.query('TRUNCATE outbox');
  });

  it('polls at once when it is poked', async () => {
    const { published, publisher } = notingPublisher();
    await relays.append(record('k', 'a'));
    const relay = relays.start(publisher, { pollMs: 1_000_000 });
    await eventually(relays.isDrained);
    await relays.append(record('k', 'b'));
    relay.poke();
    await eventually(relays.isDrained);
    expect(published).toEqual(['a', 'b']);
  });
});
