import { describe, expect, it } from '@jest/globals';
import type { RawRecord } from '@orderflow/kafka';
import { recordId } from './inbox.js';

const UUID_V8 = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const at: RawRecord = {
  topic: 'orders.events',
  partition: 1,
  offset: '12',
  timestamp: new Date(1_000),
  key: null,
  value: Buffer.from('a'),
  headers: {},
};

describe('the inbox id of a record', () => {
  it('is a UUID, the same for the same position', () => {
    expect(recordId(at)).toMatch(UUID_V8);
    expect(recordId({ ...at })).toBe(recordId(at));
  });

  it('differs for every other position', () => {
    const others = [at, { ...at, offset: '13' }, { ...at, partition: 11, offset: '2' }, { ...at, topic: 'orders' }];
    expect(new Set(others.map(recordId)).size).toBe(4);
  });

  // proves: another record at the same offset of a topic that was created again has another id
  it('differs for another record at the same position of a topic that was created again', () => {
    const omitted = { why: 'too_large', detail: '', bytes: 1, sha256: 'ab' } as const;
    const others = [
      at,
      { ...at, timestamp: new Date(2_000) },
      { ...at, value: Buffer.from('b') },
      { ...at, key: Buffer.from('a'), value: null },
      { ...at, value: null, omitted },
      { ...at, value: null, omitted: { ...omitted, sha256: 'cd' } },
    ];
    expect(new Set(others.map(recordId)).size).toBe(6);
  });
});
