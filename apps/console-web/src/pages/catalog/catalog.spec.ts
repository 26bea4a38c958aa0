import { describe, expect, it } from '@jest/globals';
import type { Catalog, CatalogEvent, Registered } from '@orderflow/console-api';
import { lastOf, registeredOf, warningsOf } from './catalog.js';

const time = (at: string): string => at.slice(11, 19);
const known = (...value: Registered[]): Catalog => ({
  at: null,
  events: [],
  registry: { state: 'known', at: '', value },
});
const placed: Registered = { type: 'OrderPlaced', rule: 'FULL_TRANSITIVE', schemaId: 7 };

describe('the catalog warns', () => {
  it('of nothing while the registry has every schema under its rule', () => {
    expect(warningsOf(known(placed), time)).toEqual([]);
  });

  it('of a schema that is not registered, and of another rule', () => {
    expect(warningsOf(known({ ...placed, rule: 'NONE', schemaId: null }), time)).toEqual([
      'The schema registry has not the newest version of OrderPlaced.',
      'The schema registry does not demand FULL_TRANSITIVE of OrderPlaced (NONE).',
    ]);
  });

  it('that the registry does not answer, and since when', () => {
    const registry = { state: 'unknown', since: '2026-11-24T14:01:58.000Z', why: 'away' } as const;
    const silent: Catalog = { at: null, events: [], registry };
    expect(warningsOf(silent, time)[0]).toMatch(/^Not known since 14:01:58/);
    expect(registeredOf(silent, 'OrderPlaced')).toBeUndefined();
  });

  it('of nothing in the past, of which the registry keeps nothing', () => {
    expect(warningsOf({ at: null, events: [], registry: { state: 'not_kept' } }, time)).toEqual([]);
  });
});

describe('the newest event of all versions', () => {
  const eventOf = (...ats: (string | null)[]): CatalogEvent =>
    ({
      versions: ats.map((at) => ({ version: '1', schema: {}, last: at === null ? null : { at, eventId: at } })),
    }) as never;

  it('may be of an old version', () => {
    expect(lastOf(eventOf('2026-11-24T14:00:00.000Z', '2026-11-23T14:00:00.000Z', null))?.at).toBe(
      '2026-11-24T14:00:00.000Z',
    );
  });

  it('is none where the journal has none', () => {
    expect(lastOf(eventOf(null, null))).toBeNull();
  });
});
