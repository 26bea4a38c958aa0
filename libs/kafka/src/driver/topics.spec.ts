import { expect, it } from '@jest/globals';
import { topicRules, topics } from '@orderflow/contracts';
import type { Admin, ITopicConfig } from 'kafkajs';
import { createMissingTopics } from './topics.js';

it.each([1, 3])('topics of %i replicas are created with every setting that services rely on', async (replicas) => {
  const created: ITopicConfig[] = [];
  const createTopics = async (request: { topics: ITopicConfig[] }) => created.push(...request.topics) > 0;
  await createMissingTopics({ createTopics } as unknown as Admin, new Map(), { prefix: 'p.', partitions: 6, replicas });
  expect(created.map(({ topic }) => topic)).toEqual(Object.keys(topics).map((name) => `p.${name}`));
  for (const { topic, configEntries = [] } of created) {
    const settings = new Map(configEntries.map(({ name, value }) => [name, value]));
    // Whatever the brokers have by default: a service would not start on a topic that breaks a rule.
    const broken = topicRules(topic.slice(2), replicas).filter((rule) => !rule.holds(settings.get(rule.setting) ?? ''));
    expect(broken.map(({ setting }) => setting)).toEqual([]);
  }
});
