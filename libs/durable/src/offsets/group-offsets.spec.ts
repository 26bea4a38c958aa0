import { describe, expect, it } from '@jest/globals';
import type { ConsumedOffset, RawRecord } from '@orderflow/kafka';
import { GroupOffsets, offsetsAfter } from './group-offsets.js';
import type { Advance } from './consumed-offsets.js';

const at = (next: string, partition = 0): ConsumedOffset => ({ topic: 't', partition, next, appendedAt: null });

/** The offsets of one process, on rows that a test may set back. */
function group(...rows: ConsumedOffset[]) {
  const database = { rows, advanced: [] as Advance[], accepts: Infinity };
  const fatal: string[] = [];
  const table = {
    read: async () => database.rows,
    advance: async (_tx: string, offsets: readonly Advance[]) => {
      database.advanced.push(...offsets);
      return Math.min(offsets.length, database.accepts);
    },
    set: async () => undefined,
    skip: async (_tx: string, expired: readonly unknown[]) => Math.min(expired.length, database.accepts),
  };
  const offsets = new GroupOffsets(table, 'pool', ({ message }) => fatal.push(message));
  return { database, table, fatal, offsets };
}

describe('the offsets of a group', () => {
  it('advance from what the process has read or committed', async () => {
    const { database, offsets } = group(at('5'));
    await offsets.read();
    offsets.learn(await offsets.advance('tx', [at('7'), at('3', 1)]));
    await offsets.advance('tx', [at('9'), at('4', 1)]);
    expect(database.advanced.map(({ since }) => since)).toEqual(['5', '0', '7', '3']);
  });

  it('are known only once they are committed', async () => {
    const { database, offsets } = group();
    await offsets.advance('tx', [at('7')]);
    await offsets.advance('tx', [at('9')]);
    expect(database.advanced.map(({ since }) => since)).toEqual(['0', '0']);
  });

  it('are written outside of a batch only where no batch has stored them', async () => {
    const { database, offsets } = group();
    offsets.learn(await offsets.advance('tx', [at('7')]));
    await offsets.write([at('7'), at('5', 1)]);
    await offsets.write([at('7'), at('5', 1)]);
    expect(database.advanced.map(({ partition, next }) => `${partition} ${next}`)).toEqual(['0 7', '1 5']);
  });

  it('end the process when the database does not accept an advance: it is older than the process knew it', async () => {
    const { database, fatal, offsets } = group();
    database.accepts = 1;
    await expect(offsets.advance('tx', [at('7'), at('3', 1)])).rejects.toThrow('earlier point');
    expect(fatal).toEqual([expect.stringContaining('earlier point')]);
  });

  // proves: a database that was restored under a running process is noticed
  it('end the process when a read finds a row further back, or none any more', async () => {
    for (const rows of [[at('4')], []]) {
      const { database, fatal, offsets } = group(at('5'));
      await offsets.read();
      database.rows = rows;
      await expect(offsets.read()).rejects.toThrow('earlier point');
      expect(fatal).toHaveLength(1);
    }
  });

  // proves: an offset that this process sets back is no older database
  it('are read again when the process sets them back meanwhile', async () => {
    for (const seen of ['5', '0']) {
      const { table, fatal, offsets } = group(at('5'));
      await offsets.read();
      const rows = Promise.withResolvers<ConsumedOffset[]>();
      table.read = () => rows.promise;
      const read = offsets.read();
      await offsets.restart([at('0')]);
      table.read = async () => [at('0')];
      rows.resolve([at(seen)]);
      expect(await read).toEqual([at('0')]);
      await offsets.read();
      expect(fatal).toEqual([]);
    }
  });

  it('may be set back by the process itself, where the log is another one', async () => {
    const { database, fatal, offsets } = group(at('5'));
    await offsets.read();
    await offsets.restart([at('0')]);
    database.rows = [at('0')];
    await offsets.read();
    expect(fatal).toEqual([]);
  });
});

describe('records that expired unread', () => {
  const expired = { topic: 't', partition: 0, first: '5', next: '9' };

  it('are skipped: the group advances from the record after them', async () => {
    const { database, offsets } = group(at('5'));
    await offsets.read();
    await offsets.skip([expired]);
    await offsets.advance('tx', [at('10')]);
    expect(database.advanced.map(({ since }) => since)).toEqual(['9']);
  });

  it('are looked for again when another instance has moved the offset since it was read', async () => {
    const { database, fatal, offsets } = group(at('5'));
    await offsets.read();
    database.accepts = 0;
    await expect(offsets.skip([expired])).rejects.toThrow('another instance');
    await offsets.advance('tx', []);
    expect(fatal).toEqual([]);
  });
});

describe('the offsets after a batch', () => {
  const record = (partition: number, offset: string, ms: number) =>
    ({ topic: 't', partition, offset, timestamp: new Date(ms) }) as RawRecord;

  it('are those of the last record of each partition, and its latest append time, in whatever order they came', () => {
    const after = offsetsAfter([record(0, '9007199254740993', 1), record(1, '3', 2), record(0, '7', 5)]);
    expect(after).toEqual([
      { topic: 't', partition: 0, next: '9007199254740994', appendedAt: new Date(5) },
      { topic: 't', partition: 1, next: '4', appendedAt: new Date(2) },
    ]);
  });
});
