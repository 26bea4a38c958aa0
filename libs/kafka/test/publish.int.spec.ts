import { describe, expect, it } from '@jest/globals';
import { eventually } from '@orderflow/client';
import { PublishRefused } from '../src/errors.js';
import { BrokerProxy } from './broker-proxy.js';
import { once, RealBroker } from './real-broker.js';

const real = new RealBroker();
const proxy = new BrokerProxy();
const behindProxy = () => real.broker([`127.0.0.1:${proxy.port}`]);
const record = (value: Buffer | string) => ({ topic: real.topic, key: 'k', value: Buffer.from(value), headers: {} });

describe('publishing', () => {
  it('rejects with PublishRefused when the broker refuses a record, and continues with the next', async () => {
    await real.start(1, { 'max.message.bytes': '2000' });
    const broker = real.broker();
    const refused = broker.publish([record(Buffer.alloc(5000))]);
    const next = broker.publish([record('1')]);
    await expect(refused).rejects.toBeInstanceOf(PublishRefused);
    await next;
    expect(await real.stored()).toBe(1);
  });

  it('rejects with another error when the broker does not answer, and recovers when it does', async () => {
    await real.start(1);
    const broker = behindProxy();
    proxy.refuses = true;
    const error = await broker.publish([record('1')]).catch((rejected: unknown) => rejected);
    expect(error).toBeInstanceOf(Error);
    expect(error).not.toBeInstanceOf(PublishRefused);
    proxy.refuses = false;
    await broker.publish([record('1')]);
  });

  // proves: the producer is not the idempotent one of kafkajs, and none that failed is used again
  it('keeps every acknowledged record after the answer to the record before them was lost', async () => {
    await real.start(1);
    const broker = behindProxy();
    await broker.publish([record('first')]);
    proxy.losesAnswers = true;
    // The record is in the log although the publisher gets an error: the outcome is unknown.
    await expect(broker.publish([record('unknown')])).rejects.toMatchObject({
      name: expect.stringMatching(/^KafkaJS/),
    });
    expect(proxy.lost).toBeGreaterThan(0);
    proxy.losesAnswers = false;
    await broker.publish([record('acknowledged')]);
    await broker.publish([record('after it')]);

    const { consumed } = await real.collect();
    await eventually(() => consumed.includes('after it'));
    expect(once(consumed)).toEqual(['first', 'unknown', 'acknowledged', 'after it']);
  });

  // proves: one request is in flight, in the order of the calls
  it('keeps the order of calls that overlap', async () => {
    await real.start(1);
    const broker = real.broker();
    const values = Array.from({ length: 30 }, (_, i) => String(i));
    await Promise.all(values.map((value) => broker.publish([record(value)])));
    const { consumed } = await real.collect();
    await eventually(() => once(consumed).length === values.length);
    expect(once(consumed)).toEqual(values);
  });
});

describe('an idle connection', () => {
  it('does not wake the process every millisecond', async () => {
    await real.start(1);
    await real.publish(1);
    const setTimeout = globalThis.setTimeout;
    let timers = 0;
    globalThis.setTimeout = ((...given: Parameters<typeof setTimeout>) => {
      timers++;
      return setTimeout(...given);
    }) as typeof setTimeout;
    // By turns of a timer, not by the clock: a queue that sets its timer again does so in each of them.
    for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => setTimeout(resolve, 1));
    globalThis.setTimeout = setTimeout;
    expect(timers - 200).toBeLessThan(50);
  });
});
