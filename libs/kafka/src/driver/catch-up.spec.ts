import { describe, expect, it } from '@jest/globals';
import { CatchUp } from './catch-up.js';

/** The partitions of one topic: where the group is, and where each ends. */
function group(...partitions: { next: bigint; end: bigint }[]) {
  const broker = { partitions, reads: 0, isAway: false };
  const ranges = async () => {
    broker.reads++;
    if (broker.isAway) throw new Error('broker away');
    return broker.partitions.map(({ end }, partition) => ({ topic: 't', partition, low: 0n, end }));
  };
  const nexts = async () => new Map(broker.partitions.map(({ next }, partition) => [`t/${partition}`, next]));
  const catchUp = new CatchUp(ranges, nexts);
  return { broker, catchUp };
}

describe('a group', () => {
  it('is not caught up before its consumer has joined', async () => {
    const { broker, catchUp } = group({ next: 0n, end: 0n });
    expect([await catchUp.caughtUp(), broker.reads]).toEqual([false, 0]);
  });

  it('is caught up at once when nothing was stored that it has not committed', async () => {
    const { catchUp } = group({ next: 0n, end: 0n }, { next: 7n, end: 7n });
    catchUp.joined();
    expect(await catchUp.caughtUp()).toBe(true);
  });

  it('is caught up when every partition is committed up to its end at the join, whatever was stored since', async () => {
    const { broker, catchUp } = group({ next: 0n, end: 5n }, { next: 0n, end: 3n });
    catchUp.joined();
    expect(await catchUp.caughtUp()).toBe(false);
    broker.partitions = [
      { next: 5n, end: 90n },
      { next: 2n, end: 90n },
    ];
    expect(await catchUp.caughtUp()).toBe(false);
    broker.partitions = [
      { next: 5n, end: 90n },
      { next: 3n, end: 90n },
    ];
    expect(await catchUp.caughtUp()).toBe(true);
  });

  it('stays caught up without asking the broker its consumer joins again', async () => {
    const { broker, catchUp } = group({ next: 5n, end: 5n });
    catchUp.joined();
    expect(await catchUp.caughtUp()).toBe(true);
    const { reads } = broker;
    broker.partitions = [{ next: 5n, end: 9n }];
    expect([await catchUp.caughtUp(), broker.reads]).toEqual([true, reads]);
    catchUp.joined();
    expect(await catchUp.caughtUp()).toBe(false);
  });

  it('is not caught up while the ends cannot be read, and they are read as soon as the broker answers', async () => {
    const { broker, catchUp } = group({ next: 0n, end: 5n });
    broker.isAway = true;
    catchUp.joined();
    expect(await catchUp.caughtUp()).toBe(false);
    broker.isAway = false;
    expect(await catchUp.caughtUp()).toBe(false);
    broker.partitions = [{ next: 5n, end: 6n }];
    expect(await catchUp.caughtUp()).toBe(true);
  });

  it('is not caught up once its offsets were restored to an earlier point', async () => {
    const { broker, catchUp } = group({ next: 5n, end: 5n });
    catchUp.joined();
    expect(await catchUp.caughtUp()).toBe(true);
    broker.partitions = [{ next: 2n, end: 5n }];
    expect(await catchUp.caughtUp()).toBe(false);
  });

  it('has everything to consume of a partition of which it has no offset', async () => {
    const low = (at: bigint) => async () => [{ topic: 't', partition: 0, low: at, end: 5n }];
    const [none, all] = [5n, 4n].map((at) => new CatchUp(low(at), async () => new Map()));
    none!.joined();
    all!.joined();
    expect([await none!.caughtUp(), await all!.caughtUp()]).toEqual([true, false]);
  });

  it('is not caught up by the answer to a request from before it joined again', async () => {
    const answers: (() => void)[] = [];
    const ranges = async () => {
      await new Promise<void>((resolve) => answers.push(resolve));
      return [{ topic: 't', partition: 0, low: 0n, end: 5n }];
    };
    const catchUp = new CatchUp(ranges, async () => new Map([['t/0', 5n]]));
    catchUp.joined();
    const caughtUp = catchUp.caughtUp();
    catchUp.joined();
    for (const answer of answers) answer();
    expect(await caughtUp).toBe(false);
    expect(answers).toHaveLength(3);
  });
});
