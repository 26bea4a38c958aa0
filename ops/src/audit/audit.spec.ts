import type { ServiceName } from '@orderflow/client';
import { describe, expect, it } from '@jest/globals';
import type { Reader } from './database-reader.ts';
import { judgeOrders } from './audit.ts';

const charge = { key: 'new-order', captures: 1, keptMinor: 500, currency: 'EUR' };
const one = { events: 1, firstVersion: 1, lastVersion: 1 };
const placed = {
  key: 'new-order',
  history: { ...one, lastType: 'OrderPlaced', reason: null, placedMinor: 500, ageSeconds: 1 },
  snapshot: { status: 'placed', version: 1, cancelReason: null, totalMinor: 500, currency: 'EUR' },
  view: null,
};

/** Databases in which an order is placed and charged while the audit goes from one to the next. */
class BusyDatabases implements Reader {
  readonly queries: string[] = [];
  readonly hasConsole = false;

  constructor(private readonly isPlacedMeanwhile: boolean) {}

  async rows<Row extends object>(service: ServiceName, sql: string): Promise<Row[]> {
    if (service === 'orders' && sql.includes('FULL JOIN')) {
      const isSecondRead = this.queries.length > 0;
      this.queries.push(sql);
      return (isSecondRead && this.isPlacedMeanwhile ? [placed] : []) as unknown as Row[];
    }
    return (sql.includes('FROM charges') ? [charge] : []) as unknown as Row[];
  }
}

const brokenIn = async (reader: Reader) =>
  (await judgeOrders(reader, 60)).flatMap(({ id, violations }) => violations.map(({ subject }) => `${id}: ${subject}`));

describe('databases that change while they are read', () => {
  it('are read again for orders that break a rule, and an order that is right then is not reported', async () => {
    const reader = new BusyDatabases(true);
    expect(await brokenIn(reader)).toEqual([]);
    expect(reader.queries).toHaveLength(2);
  });

  it('hide no order that breaks a rule the second time too', async () => {
    expect(await brokenIn(new BusyDatabases(false))).toEqual(['strangers: new-order']);
  });
});
