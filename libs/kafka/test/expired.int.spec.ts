import { describe, expect, it } from '@jest/globals';
import { eventually } from '@orderflow/client';
import { OwnOffsets } from './own-offsets.js';
import { once, RealBroker } from './real-broker.js';

const real = new RealBroker();

/** As retention does. */
const expireBefore = (offset: string) =>
  real.admin.deleteTopicRecords({ topic: real.topic, partitions: [{ partition: 0, offset }] });

describe('records that expire before a group has consumed them', () => {
  // proves: records that expired unread are not taken off the lag
  it('count as lag, and as expired, until the group goes on after them', async () => {
    await real.start(1);
    const broker = real.broker();
    await real.publish(2, 1);
    const first = await real.collect();
    await eventually(async () => (await real.committed()) === 2);
    await first.consumer.stop();
    await real.publish(5, 1, 2);
    // Records 2 to 4 are deleted.
    await expireBefore('5');
    expect(await broker.lagOf(real.groupId, [real.topic])).toMatchObject([{ records: 5, expired: 3 }]);

    const second = await real.collect();
    await eventually(async () => (await real.committed()) === 7);
    expect(once(second.consumed)).toEqual(['k0:5', 'k0:6']);
    expect(await broker.lagOf(real.groupId, [real.topic])).toMatchObject([{ records: 0, expired: 0 }]);
  });

  it('of a group that never committed are none', async () => {
    await real.start(1);
    await real.publish(3, 1);
    await expireBefore('2');
    expect(await real.broker().lagOf(real.groupId, [real.topic])).toMatchObject([{ records: 1, expired: 0 }]);
  });

  it('are skipped by a consumer with offsets of its own, which stores what it has not read', async () => {
    await real.start(1);
    await real.publish(2, 1);
    const own = new OwnOffsets(real);
    await own.consumeUntil(2);
    await real.publish(5, 1, 2);
    await expireBefore('5');
    await own.consumeUntil(4);
    expect(once(own.values)).toEqual(['k0:0', 'k0:1', 'k0:5', 'k0:6']);
    expect(own.expired).toEqual([{ topic: real.topic, partition: 0, first: '2', next: '5' }]);
    expect(own.restarted).toEqual([]);
  });

  // proves: a jump while records are fetched is noticed
  it('under a consumer that is behind are skipped and stored in the same way', async () => {
    await real.start(1);
    await real.publish(2, 1);
    const own = new OwnOffsets(real);
    const [begun, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    await own.consume(() => (begun.resolve(), goOn.promise));
    await begun.promise;
    await real.publish(5, 1, 2);
    await expireBefore('5');
    goOn.resolve();
    await eventually(() => own.values.includes('k0:6'));
    expect(once(own.values)).toEqual(['k0:0', 'k0:1', 'k0:5', 'k0:6']);
    expect(own.expired).toEqual([{ topic: real.topic, partition: 0, first: '2', next: '5' }]);
  });
});
