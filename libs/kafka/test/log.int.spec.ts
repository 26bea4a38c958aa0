import { expect, it } from '@jest/globals';
import { RealBroker, valueOf } from './real-broker.js';

const kafka = new RealBroker();

it('the log is read from behind what was consumed, and from its beginning where nothing was', async () => {
  await kafka.start(2);
  await kafka.publish(40, 8);
  const all = new Map<number, string[]>();
  const read = async (from: Parameters<ReturnType<typeof kafka.broker>['readLog']>[1]) => {
    const found: string[] = [];
    await kafka.broker().readLog([kafka.topic], from, async (records) => {
      for (const record of records) {
        found.push(valueOf(record));
        if (from === 'earliest') all.set(record.partition, [...(all.get(record.partition) ?? []), valueOf(record)]);
      }
    });
    return found.toSorted();
  };
  await read('earliest');
  const [of0, of1] = [all.get(0)!, all.get(1)!];

  const some = { topic: kafka.topic, partition: 0, next: '3', appendedAt: null };
  expect(await read({ consumed: [some] })).toEqual([...of0.slice(3), ...of1].toSorted());
  expect(await read({ consumed: [] })).toEqual([...of0, ...of1].toSorted());
  const whole = [of0, of1].map((values, partition) => ({ ...some, partition, next: String(values.length) }));
  expect(await read({ consumed: whole })).toEqual([]);
});

it('the log is read to its end where the last records are those of an aborted transaction, which no consumer is shown', async () => {
  await kafka.start(1);
  await kafka.publish(4);
  await kafka.abortTransaction();
  const read: string[] = [];
  const consumed = [{ topic: kafka.topic, partition: 0, next: '4', appendedAt: null }];
  await kafka.broker().readLog([kafka.topic], { consumed }, async (records) => void read.push(...records.map(valueOf)));
  expect(read).toEqual([]);
});
