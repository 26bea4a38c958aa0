import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { assertSendable, shardOf, SHARDS } from './outbox.js';

describe('the shard of a key', () => {
  it('never changes: otherwise two relays would publish pending rows of one key', () => {
    expect(['', 'MUG-1', '0b7e8d8e-4b4e-4f6e-9c58-0d2f7d1a1c11', 'ß€'].map(shardOf)).toEqual([1, 2, 0, 2]);
  });

  it('spreads keys evenly', () => {
    const counts = Array<number>(SHARDS).fill(0);
    for (let i = 0; i < 8000; i++) counts[shardOf(randomUUID())]!++;
    for (const count of counts) expect(Math.abs(count - 2000)).toBeLessThan(300);
  });
});

describe('a record', () => {
  const record = (bytes: number) => ({ topic: 't', key: 'k', value: Buffer.alloc(bytes), headers: {} });

  // proves: a record too large for the broker is refused before the commit
  it('is refused before the commit when the broker would reject it for its size', () => {
    expect(() => assertSendable(record(900_001))).toThrow(
      expect.objectContaining({ rule: 'record-too-large', bytes: 900_001, mostBytes: 900_000 }),
    );
    expect(assertSendable(record(900_000)).value).toHaveLength(900_000);
  });
});
