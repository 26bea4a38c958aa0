import { describe, expect, it } from '@jest/globals';
import { eventually } from '@orderflow/client';
import { PARTITIONS, topics } from '@orderflow/contracts';
import { KafkajsBroker } from '../src/driver/kafkajs-broker.js';
import { KafkaSetupError } from '../src/errors.js';
import { brokers, RealBroker, valueOf } from './real-broker.js';
import { setTopicConfig } from './topic-config.js';

const real = new RealBroker();
const TOPIC = 2;

async function setConfig(name: string, changes: Record<string, string>): Promise<void> {
  await setTopicConfig(brokers, [name], changes);
  for (const [setting, value] of Object.entries(changes))
    await eventually(async () => (await configOf(name, setting)) === value);
}

async function configOf(name: string, setting: string): Promise<string | undefined> {
  const { resources } = await real.admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ type: TOPIC, name }],
  });
  return resources[0]?.configEntries.find(({ configName }) => configName === setting)?.configValue;
}

describe('the topics', () => {
  it('are created with the partitions and settings of contracts, and a second run changes nothing', async () => {
    await real.start();
    const broker = real.broker();
    await broker.ensureTopics(real.prefix);
    await expect(broker.ensureTopics(real.prefix)).resolves.toEqual([]);
    const names = Object.keys(topics).map((name) => real.prefix + name);
    await broker.checkTopics(names, real.prefix);
    expect(await configOf(`${real.prefix}inventory.products`, 'cleanup.policy')).toBe('compact');
    expect(await configOf(`${real.prefix}inventory.products`, 'compression.type')).toBe('uncompressed');
    expect(await configOf(`${real.prefix}orders.events`, 'message.timestamp.type')).toBe('LogAppendTime');
  });

  // proves: a service does not start on another partition count
  it('stop the start when their partition count differs, with a message that does not advise to delete unread events', async () => {
    await real.start(4);
    await expect(real.broker().checkTopics([real.topic], real.prefix)).rejects.toMatchObject({
      name: 'StartError',
      message: expect.stringMatching(
        new RegExp(`^topic ${real.topic} has 4 partitions, it must have ${PARTITIONS} .* do not delete it.*runbook.*$`),
      ),
    });
  });

  it.each([
    ['orders.events', 'compression.type', 'lz4', 'uncompressed'],
    ['orders.events', 'cleanup.policy', 'compact', 'delete'],
    ['orders.events', 'retention.ms', String(30 * 24 * 3600 * 1000), '86400000 to 604800000'],
    ['orders.events', 'retention.bytes', '1000000', '-1'],
    ['orders.events', 'message.timestamp.type', 'CreateTime', 'LogAppendTime'],
    ['inventory.products', 'cleanup.policy', 'delete', 'compact'],
    ['inventory.products', 'max.message.bytes', '1000', '1000000 to 8388608'],
  ])('stop the start when %s has %s=%s; orderflow topics sets it right', async (topic, setting, value, demand) => {
    await real.start();
    const broker = real.broker();
    await broker.ensureTopics(real.prefix);
    const name = real.prefix + topic;
    await setConfig(name, { [setting]: value, 'delete.retention.ms': '1234' });
    const names = Object.keys(topics).map((it) => real.prefix + it);
    await expect(broker.checkTopics(names, real.prefix)).rejects.toThrow(
      new RegExp(
        `^topic ${name} has ${setting}=${value}, it must be ${demand} \\(.*run "orderflow topics", or kafka-configs`,
      ),
    );

    await expect(broker.ensureTopics(real.prefix)).resolves.toContainEqual(
      expect.stringContaining(`${name}: ${setting} ${value} -> `),
    );
    await expect(broker.checkTopics(names, real.prefix)).resolves.toBeUndefined();
    // The settings that no rule names stay.
    expect(await configOf(name, 'delete.retention.ms')).toBe('1234');
  });

  // proves: a topic does not grow while records are unread
  it('get more partitions once every event is read, and not before', async () => {
    await real.start();
    await real.broker().ensureTopics(real.prefix);
    const topic = `${real.prefix}orders.events`;
    // No send is repeated, and the first one after the creation may come before the leader.
    const first = { topic, key: 'k', value: Buffer.from('1'), headers: {} };
    await eventually(async () => real.broker().publish([first]));
    const handled: string[] = [];
    const consumer = await real.consume(async (records) => {
      if (handled.length === 0)
        await real.broker().publish([{ topic, key: 'k', value: Buffer.from('2'), headers: {} }]);
      handled.push(...records.map(valueOf));
    }, topic);
    await eventually(() => handled.length === 2);
    await consumer.stop();
    await real.broker().publish([{ topic, key: 'k', value: Buffer.from('3'), headers: {} }]);

    const grown = () => real.broker(undefined, { partitions: 8 });
    await expect(grown().ensureTopics(real.prefix)).rejects.toThrow(
      `${topic} cannot get more partitions: the group ${real.groupId} has 1 unread records`,
    );

    const again = await real.consume(async (records) => void handled.push(...records.map(valueOf)), topic);
    await eventually(() => handled.length === 3);
    await again.stop();
    await expect(grown().ensureTopics(real.prefix)).resolves.toContain(`${topic}: 6 -> 8 partitions`);
    await expect(grown().checkTopics([topic], real.prefix)).resolves.toBeUndefined();
  });

  it('stop the start when one is missing, and the check does not create it', async () => {
    await real.start();
    const name = `${real.prefix}typo`;
    await expect(real.broker().checkTopics([name])).rejects.toThrow(`topic ${name} is missing`);
    await expect(real.consume(async () => undefined, name)).rejects.toBeInstanceOf(KafkaSetupError);
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
