import { describe, expect, it } from '@jest/globals';
import { violationsOf } from './rule.ts';
import { type StreamFacts, streamRules } from './stream-rules.ts';

const sound: StreamFacts = { source: 'orders', orderId: 'a', sequences: [1, 2], published: 2, missing: [] };

const brokenBy = (changes: Partial<StreamFacts>) =>
  violationsOf(streamRules, [{ ...sound, ...changes }]).map(({ id }) => id);

describe('each rule about event streams', () => {
  it('holds for a stream that is complete and in order', () => {
    expect(brokenBy({})).toEqual([]);
  });

  it.each<[string, Partial<StreamFacts>]>([
    ['log-once', { sequences: [1, 2, 2], published: 3 }],
    ['log-complete', { sequences: [2, 1] }],
    ['log-complete', { sequences: [1, 3] }],
    ['log-complete', { sequences: [1] }],
    ['log-complete', { published: 1 }],
    ['log-recorded', { missing: ['an id'] }],
  ])('%s alone is broken by %j', (rule, changes) => {
    expect(brokenBy(changes)).toEqual([rule]);
  });
});
