import { describe, expect, it } from '@jest/globals';
import type { ServiceTypes } from '@orderflow/decider';
import { anEvent } from '@orderflow/testing';
import type { Published } from './own-events.js';
import { TakenBack } from './taken-back.js';

type Kind = 'StockReserved' | 'StockReleased';

const published = (type: Kind, subject: string) =>
  ({ event: anEvent(type, { subject }), trace: {} }) as unknown as Published<ServiceTypes>;
const reserved = (subject: string) => published('StockReserved', subject);
const released = (subject: string) => published('StockReleased', subject);

/** A product of so many units, each order of one. The database refuses what leaves less than none. */
function shop(units: number) {
  const taken: string[] = [];
  let left = units;
  const back = new TakenBack(async (events) => {
    const needed = events.reduce((sum, { event }) => sum + (event.type === ('StockReserved' as never) ? 1 : -1), 0);
    if (needed > left) throw Object.assign(new Error('less than none'), { code: '23514' });
    left -= needed;
    taken.push(...events.map(({ event }) => `${String(event.type)} ${event.subject}`));
  });
  return { back, taken, left: () => left };
}

describe('events of one product that are read from several partitions', () => {
  it('are all taken back where an order comes before the one that released its stock', async () => {
    const { back, taken, left } = shop(1);
    await back.add([reserved('a')]);
    await back.add([reserved('b')]);
    await back.add([released('a')]);
    await back.end();
    expect([taken, left()]).toEqual([['StockReserved a', 'StockReleased a', 'StockReserved b'], 0]);
  });

  it('are all taken back where the last order comes first, and keeps its stock', async () => {
    const { back, taken, left } = shop(1);
    await back.add([reserved('c')]);
    await back.add([reserved('a'), reserved('b')]);
    await back.add([released('a'), released('b')]);
    await back.end();
    expect(left()).toBe(0);
    expect(taken.toSorted()).toEqual(
      ['a', 'b']
        .flatMap((id) => [`StockReleased ${id}`, `StockReserved ${id}`])
        .concat('StockReserved c')
        .toSorted(),
    );
    for (const id of ['a', 'b'])
      expect(taken.indexOf(`StockReserved ${id}`)).toBeLessThan(taken.indexOf(`StockReleased ${id}`));
  });

  it('that have no place in the end are named, and all others are taken back', async () => {
    const { back, taken } = shop(1);
    await back.add([reserved('a'), reserved('b'), reserved('c')]);
    await expect(back.end()).rejects.toThrow(
      /^events of 2 subjects cannot .*StockReserved of b among them: .*less than none/,
    );
    expect(taken).toEqual(['StockReserved a']);
  });

  it('are not held for an error that is no refusal', async () => {
    const away = new TakenBack(async () => Promise.reject(new Error('the database is away')));
    await expect(away.add([reserved('a')])).rejects.toThrow('the database is away');
  });
});
