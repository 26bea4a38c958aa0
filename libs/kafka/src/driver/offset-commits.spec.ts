import { describe, expect, it } from '@jest/globals';
import type { TopicPartitionOffsetAndMetadata } from 'kafkajs';
import { OffsetCommits } from './offset-commits.js';

function commits(fail: () => Error | undefined = () => undefined) {
  const committed: TopicPartitionOffsetAndMetadata[][] = [];
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
  it('commits the offset after the last handled record, also beyond 2^53', async () => {
    const { committed, offsets } = commits();
    offsets.handled('t', 0, '4');
    offsets.handled('t', 0, '9');
    offsets.handled('t', 1, '9007199254740993');
    await offsets.flush();
    expect(committed).toEqual([
      [
        { topic: 't', partition: 0, offset: '10' },
        { topic: 't', partition: 1, offset: '9007199254740994' },
      ],
    ]);
  });

  it('commits nothing when no record was handled since', async () => {
    const { committed, offsets } = commits();
    offsets.handled('t', 0, '4');
    await offsets.flush();
    await offsets.flush();
    expect(committed).toHaveLength(1);
  });

  it('commits the last offsets when it stops', async () => {
    const { committed, offsets } = commits();
    offsets.start();
    offsets.handled('t', 0, '4');
    await offsets.stop();
    expect(committed).toEqual([[{ topic: 't', partition: 0, offset: '5' }]]);
  });

  it('leaves to others the partitions that were taken away', async () => {
    const { committed, offsets } = commits();
    offsets.handled('t', 0, '4');
    offsets.handled('u', 0, '4');
    offsets.keepOnly({ t: [0] });
    await offsets.flush();
    expect(committed).toEqual([[{ topic: 't', partition: 0, offset: '5' }]]);
  });

  it('logs why a commit failed, and tries again', async () => {
    const errors = [new Error('The provided generation id is not the current generation')];
    const { committed, offsets, logged } = commits(() => errors.pop());
    offsets.handled('t', 0, '4');
    await offsets.flush();
    expect([committed, logged]).toEqual([[], [expect.stringContaining('generation')]]);
    await offsets.flush();
    expect(committed).toHaveLength(1);
  });
});
