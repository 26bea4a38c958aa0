import { scansOf } from '@orderflow/testing';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { Outbox } from '../src/outbox/outbox.js';
import { CountersDatabase } from './counters-database.js';

const counters = new CountersDatabase();
const state = async () => new Outbox().state(counters.database);

const ROWS = 100_000;

describe('the state of an outbox that a long outage has filled', () => {
  beforeAll(async () => {
    await counters.database.query(
      `INSERT INTO outbox (shard, topic, key, value, headers, created_at, rejected_at)
       SELECT n % 4, 't', 'key ' || n, 'x', '{}', now() - interval '1 h', CASE WHEN n = 1 THEN now() END
       FROM generate_series(1, ${ROWS}) AS n`,
    );
    await counters.database.query('ANALYZE outbox');
  });

  it('is an estimate, with the age of the oldest row and the exact number of rejected ones', async () => {
    const { pending, oldestAgeMs, rejected } = await state();
    expect(pending / ROWS).toBeCloseTo(1, 1);
    expect(oldestAgeMs).toBeGreaterThanOrEqual(3_600_000);
    expect(rejected).toBe(1);
  });

  it('reads by index, and no more rows than it counts', async () => {
    const scans = (await scansOf(counters.url, state)).filter(({ relation }) => relation === 'outbox');
    expect(scans.length).toBeGreaterThan(2);
    expect(scans.filter(({ type }) => type === 'Seq Scan')).toEqual([]);
    for (const { read } of scans) expect(read).toBeLessThanOrEqual(10_010);
  });
});
