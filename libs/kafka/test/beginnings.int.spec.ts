import { beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '@orderflow/client';
import { OwnOffsets } from './own-offsets.js';
import { once, RealBroker } from './real-broker.js';

const real = new RealBroker();

let stored: OwnOffsets;
beforeEach(async () => {
  stored = new OwnOffsets(real);
  await real.start(2, { 'message.timestamp.type': 'LogAppendTime' });
});

describe('a consumer with offsets of its own', () => {
  it('reads again what its restored database has not consumed, although the broker has later offsets', async () => {
    const early = await real.publish(10);
    await stored.consumeUntil(10);
    const backup = stored.backup();
    const late = await real.publish(10, 3, 10);
    await stored.consumeUntil(20);
    expect(await real.committed()).toBe(await real.stored());
    await backup.consumeUntil(20);
    expect(once(backup.values).toSorted()).toEqual([...early, ...late].toSorted());
  });

  it('reads nothing again that its database has consumed, although the broker has no offset', async () => {
    await real.publish(10);
    await stored.consumeUntil(10);
    const { length } = stored.values;
    await real.admin.deleteGroups([real.groupId]);
    const later = await real.publish(3, 3, 10);
    await stored.consumeUntil(13);
    expect(once(stored.values.slice(length)).toSorted()).toEqual(later.toSorted());
  });

  it('moves the offsets of the broker to its own, also where no record is left to consume', async () => {
    await real.publish(10);
    await stored.consumeUntil(10);
    await real.admin.deleteGroups([real.groupId]);
    const consumer = await stored.consume();
    await eventually(async () => (await real.committed()) === (await real.stored()));
    await eventually(() => consumer.caughtUp());
  });

  it('shares the partitions with a second member, and both lose nothing', async () => {
    await real.publish(20, 10);
    const a = await stored.consume();
    await eventually(() => once(stored.values).length === 20);
    const b = await stored.consume();
    await eventually(() => a.ready() && b.ready());
    await real.publish(20, 10, 20);
    await eventually(() => once(stored.values).length === 40);
  });

  it('is caught up by its own offsets, not by those of the broker', async () => {
    await real.publish(10);
    await stored.consumeUntil(10);
    const behind = stored.backup();
    for (const row of behind.rows.values()) behind.rows.set(row.partition, { ...row, next: '0' });
    let goOn: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (goOn = resolve));
    const { topic, groupId } = real;
    const onBatch = () => held;
    const consumer = await real
      .broker()
      .consume({ groupId, topics: [topic], consumed: behind, onBatch, onFatal: () => undefined });
    expect(await consumer.caughtUp()).toBe(false);
    goOn();
    await eventually(() => consumer.caughtUp());
  });

  it('reads a topic that was created again from its beginning, also when it is longer by now', async () => {
    await real.publish(10, 3);
    await stored.consumeUntil(10);
    await real.admin.deleteTopics({ topics: [real.topic] });
    await eventually(async () => !(await real.admin.listTopics()).includes(real.topic));
    await real.start(2, { 'message.timestamp.type': 'LogAppendTime' });
    stored.values = [];
    const published = await real.publish(40, 3, 100);
    await stored.consumeUntil(40);
    expect(once(stored.values).toSorted()).toEqual(published.toSorted());
    expect(once(stored.restarted.map(({ next }) => next))).toEqual(['0']);
  });
});
