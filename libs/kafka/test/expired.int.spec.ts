import { describe, expect, it } from '@jest/globals';
import { eventually } from '@orderflow/client';
import { RealBroker } from './real-broker.js';

const real = new RealBroker();

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
    // As retention does: records 2 to 4 are deleted.
    await real.admin.deleteTopicRecords({ topic: real.topic, partitions: [{ partition: 0, offset: '5' }] });
    expect(await broker.lagOf(real.groupId, [real.topic])).toMatchObject([{ records: 5, expired: 3 }]);

    const second = await real.collect();
    await eventually(async () => (await real.committed()) === 7);
    expect(second.consumed).toEqual(['k0:5', 'k0:6']);
    expect(await broker.lagOf(real.groupId, [real.topic])).toMatchObject([{ records: 0, expired: 0 }]);
  });

  it('of a group that never committed are none', async () => {
    await real.start(1);
    await real.publish(3, 1);
    await real.admin.deleteTopicRecords({ topic: real.topic, partitions: [{ partition: 0, offset: '2' }] });
    expect(await real.broker().lagOf(real.groupId, [real.topic])).toMatchObject([{ records: 1, expired: 0 }]);
  });
});
