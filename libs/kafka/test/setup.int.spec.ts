import { describe, expect, it } from '@jest/globals';
import { PARTITIONS, topics } from '@orderflow/contracts';
import { KafkajsBroker } from '../src/driver/kafkajs-broker.js';
import { KafkaSetupError } from '../src/errors.js';
import { RealBroker } from './real-broker.js';

const real = new RealBroker();

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
