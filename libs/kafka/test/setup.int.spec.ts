import { createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { PARTITIONS, topics } from '@orderflow/contracts';
import { KafkajsBroker } from '../src/driver/kafkajs-broker.js';
import { KafkaSetupError, PublishRefused } from '../src/errors.js';
import { brokers, once, RealBroker } from './real-broker.js';

let real: RealBroker;
beforeEach(() => {
  real = new RealBroker();
});
afterEach(() => real.close());

describe('the topics', () => {
  it('are created with the partitions and settings of contracts, and a second run changes nothing', async () => {
    await real.start();
    const broker = real.broker();
    await broker.ensureTopics(real.prefix);
    await broker.ensureTopics(real.prefix);
    const names = Object.keys(topics).map((name) => real.prefix + name);
    await broker.checkTopics(names, real.prefix);
    const { resources } = await real.admin.describeConfigs({
      includeSynonyms: false,
      resources: [{ type: 2, name: `${real.prefix}inventory.products` }],
    });
    const entries = resources[0]?.configEntries ?? [];
    expect(entries.find(({ configName }) => configName === 'cleanup.policy')?.configValue).toBe('compact');
    expect(entries.find(({ configName }) => configName === 'message.timestamp.type')?.configValue).toBe(
      'LogAppendTime',
    );
  });

  it('stop the start when their partition count differs, and the message names both counts', async () => {
    await real.start(4);
    await expect(real.broker().checkTopics([real.topic], real.prefix)).rejects.toMatchObject({
      name: 'StartError',
      message: expect.stringMatching(
        new RegExp(`^topic ${real.topic} has 4 partitions, it must have ${PARTITIONS} .*$`),
      ),
    });
  });

  it('stop the start when one is missing, and the check does not create it', async () => {
    await real.start();
    const name = `${real.prefix}typo`;
    await expect(real.broker().checkTopics([name])).rejects.toThrow(`topic ${name} is missing`);
    const consume = real.broker().consume({
      groupId: real.groupId,
      topics: [name],
      onBatch: async () => undefined,
      onFatal: () => undefined,
    });
    await expect(consume).rejects.toBeInstanceOf(KafkaSetupError);
    expect(await real.admin.listTopics()).not.toContain(name);
  });
});

describe('a start without broker', () => {
  it('ends with one line that names the variable', async () => {
    const broker = new KafkajsBroker({ brokers: ['127.0.0.1:1'], clientId: 'test', reachTimeoutMs: 300 });
    const error = await broker.checkTopics(['x']).catch((rejected: unknown) => rejected);
    expect(error).toBeInstanceOf(KafkaSetupError);
    expect((error as Error).message).toMatch(/^KAFKA_BROKERS 127\.0\.0\.1:1 cannot be reached: .*$/);
  });
});

describe('publishing', () => {
  const record = (topic: string, value: Buffer) => ({ topic, key: 'k', value, headers: {} });

  it('rejects with PublishRefused when the broker refuses a record, and continues with the next', async () => {
    await real.start(1, { 'max.message.bytes': '2000' });
    const broker = real.broker();
    const refused = broker.publish([record(real.topic, Buffer.alloc(5000))]);
    const next = broker.publish([record(real.topic, Buffer.alloc(10))]);
    await expect(refused).rejects.toBeInstanceOf(PublishRefused);
    await next;
    const [{ high } = { high: '' }] = await real.admin.fetchTopicOffsets(real.topic);
    expect(high).toBe('1');
  });

  it('rejects with another error when the broker does not answer, and recovers when it does', async () => {
    await real.start(1);
    const proxy = await startProxy();
    const broker = new KafkajsBroker({ brokers: [`127.0.0.1:${proxy.port}`], clientId: 'test' });
    proxy.refuse = true;
    const error = await broker.publish([record(real.topic, Buffer.alloc(10))]).catch((rejected: unknown) => rejected);
    expect(error).toBeInstanceOf(Error);
    expect(error).not.toBeInstanceOf(PublishRefused);
    proxy.refuse = false;
    await broker.publish([record(real.topic, Buffer.alloc(10))]);
    await broker.disconnect();
    await proxy.close();
  });

  // proves: one request is in flight, in the order of the calls
  it('keeps the order of calls that overlap', async () => {
    await real.start(1);
    const broker = real.broker();
    const calls = Array.from({ length: 30 }, (_, i) => broker.publish([record(real.topic, Buffer.from(String(i)))]));
    await Promise.all(calls);
    const consumed: string[] = [];
    await new Promise<void>((resolve) => {
      void real.consume(async (records) => {
        consumed.push(...records.map(({ value }) => String(value)));
        if (once(consumed).length === calls.length) resolve();
      });
    });
    expect(once(consumed)).toEqual(calls.map((_, i) => String(i)));
  });
});

describe('an idle connection', () => {
  it('does not wake the process every millisecond', async () => {
    await real.start(1);
    const broker = real.broker();
    await broker.publish([record0(real.topic)]);
    const setTimeout = globalThis.setTimeout;
    let timers = 0;
    globalThis.setTimeout = ((...given: Parameters<typeof setTimeout>) => {
      timers++;
      return setTimeout(...given);
    }) as typeof setTimeout;
    await new Promise((resolve) => setTimeout(resolve, 1000));
    globalThis.setTimeout = setTimeout;
    expect(timers).toBeLessThan(50);
  });
  const record0 = (topic: string) => ({ topic, key: 'k', value: Buffer.from('1'), headers: {} });
});

/** A proxy at the bootstrap address that can refuse connections. */
async function startProxy() {
  const [host, port] = (brokers[0] ?? '').split(':');
  const { connect } = await import('node:net');
  const sockets = new Set<Socket>();
  const state = { refuse: false, port: 0, close: async () => undefined as void };
  const server = createServer((socket) => {
    sockets.add(socket);
    if (state.refuse) {
      socket.destroy();
      return;
    }
    const upstream = connect(Number(port), host);
    upstream.on('error', () => socket.destroy());
    socket.on('error', () => upstream.destroy()).on('close', () => upstream.destroy());
    socket.pipe(upstream).pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  state.port = (server.address() as AddressInfo).port;
  state.close = async () => {
    sockets.forEach((socket) => socket.destroy());
    server.close();
  };
  return state;
}
