import { describe, expect, it } from '@jest/globals';
import { type IdleQueueFacts, idleQueueRules, type QueueFacts, queueRules } from './queue-rules.ts';
import { violationsOf } from './rule.ts';

describe('each rule about queues', () => {
  const sound: QueueFacts = { service: 'orders', unsent: 0, rejected: 0, parked: 0, forgotten: 0 };
  const brokenBy = (changes: Partial<QueueFacts>) =>
    violationsOf(queueRules, [{ ...sound, ...changes }]).map(({ id }) => id);

  it('holds where no row waits, or parked events are retried', () => {
    expect(brokenBy({})).toEqual([]);
    expect(brokenBy({ parked: 3 })).toEqual([]);
  });

  it.each<[string, Partial<QueueFacts>]>([
    ['outboxes', { unsent: 1 }],
    ['outboxes', { rejected: 1 }],
    ['parked', { parked: 1, forgotten: 1 }],
  ])('%s alone is broken by %j', (rule, changes) => {
    expect(brokenBy(changes)).toEqual([rule]);
  });
});

describe('each rule about idle queues', () => {
  const sound: IdleQueueFacts = { service: 'orders', parked: 0, externalCalls: 0, deadlines: 0 };
  const brokenBy = (changes: Partial<IdleQueueFacts>) =>
    violationsOf(idleQueueRules, [{ ...sound, ...changes }]).map(({ id }) => id);

  it('holds where all queues are empty', () => {
    expect(brokenBy({})).toEqual([]);
  });

  it.each<[string, Partial<IdleQueueFacts>]>([
    ['idle-parked', { parked: 1 }],
    ['idle-calls', { externalCalls: 1 }],
    ['idle-deadlines', { deadlines: 1 }],
  ])('%s alone is broken by %j', (rule, changes) => {
    expect(brokenBy(changes)).toEqual([rule]);
  });
});
