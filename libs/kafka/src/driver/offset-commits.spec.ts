import { describe, expect, it, jest } from '@jest/globals';
import type { ConsumedOffset } from '../broker.js';
import { OffsetCommits } from './offset-commits.js';

const at = (topic: string, partition: number, next: string): ConsumedOffset => ({
  topic,
  partition,
  next,
  appendedAt: new Date(0),
});

function commits(fail: () => Error | undefined = () => undefined) {
  const committed: ConsumedOffset[][] = [];
  const logged: string[] = [];
  const offsets = new OffsetCommits(
    async (given) => {
      const error = fail();
      if (error !== undefined) throw error;
      committed.push(given);
    },
    (_level, message) => logged.push(message),
  );
  return { committed, offsets, logged };
}

describe('committing offsets', () => {
  it('commits the last handled offset of each partition', async () => {
    const { committed, offsets } = commits();
    offsets.handled(at('t', 0, '5'));
    offsets.handled(at('t', 0, '10'));
    offsets.handled(at('t', 1, '9007199254740994'));
    await offsets.flush();
    expect(committed).toEqual([[at('t', 0, '10'), at('t', 1, '9007199254740994')]]);
  });

  it('commits nothing when no record was handled since', async () => {
    const { committed, offsets } = commits();
    offsets.handled(at('t', 0, '5'));
    await offsets.flush();
    await offsets.flush();
    expect(committed).toHaveLength(1);
  });

  it('commits the last offsets when it stops', async () => {
    const { committed, offsets } = commits();
    offsets.start();
    offsets.handled(at('t', 0, '5'));
    await offsets.stop();
    expect(committed).toEqual([[at('t', 0, '5')]]);
  });

  it('leaves to others the partitions that were taken away', async () => {
    const { committed, offsets } = commits();
    offsets.handled(at('t', 0, '5'));
    offsets.handled(at('u', 0, '5'));
    offsets.keepOnly({ t: [0] });
    await offsets.flush();
    expect(committed).toEqual([[at('t', 0, '5')]]);
  });

  it('logs why a commit failed, and tries again', async () => {
    const errors = [new Error('The provided generation id is not the current generation')];
    const { committed, offsets, logged } = commits(() => errors.pop());
    offsets.handled(at('t', 0, '5'));
    await offsets.flush();
    expect([committed, logged]).toEqual([[], [expect.stringContaining('generation')]]);
    await offsets.flush();
    expect(committed).toHaveLength(1);
  });

  it('starts no timer once it has stopped, as when a consumer is stopped while it joins', async () => {
    jest.useFakeTimers();
    try {
      const { offsets } = commits();
      await offsets.stop();
      offsets.start();
      expect(jest.getTimerCount()).toBe(0);
    } finally {
      jest.useRealTimers();
    }
  });
});
