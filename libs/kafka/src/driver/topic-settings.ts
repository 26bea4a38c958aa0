import { topicRules, type TopicRule } from '@orderflow/contracts';
import type { Admin } from 'kafkajs';
import { KafkaSetupError, lineOf } from '../errors.js';
import { METADATA_MS } from './settings.js';
import { pause } from './waiting.js';

/** https://kafka.apache.org/protocol: resource type TOPIC, and the source of a setting that was given for this topic. */
const TOPIC = 2;
const OF_TOPIC = 1;

interface Setting {
  readonly value: string;
  /** Given for this topic, rather than for the broker. */
  readonly isOwn: boolean;
}

/** A topic as the broker has it. */
export interface FoundTopic {
  readonly name: string;
  /** Of its partition with the fewest replicas. */
  readonly replicas: number;
  readonly settings: ReadonlyMap<string, Setting>;
}

/** A setting that services rely on and that differs. */
export interface Deviation {
  readonly topic: string;
  readonly setting: string;
  readonly found: string;
  readonly rule: TopicRule;
}

/** The settings that differ from the rules of contracts. @param prefix of the topic's name */
export function deviationsOf({ name, replicas, settings }: FoundTopic, prefix: string): Deviation[] {
  return topicRules(name.slice(prefix.length), replicas).flatMap((rule) => {
    const found = settings.get(rule.setting)?.value ?? '';
    return rule.holds(found) ? [] : [{ topic: name, setting: rule.setting, found, rule }];
  });
}

/** One line: the setting, its value, the one that it must have, and the command that sets it. */
export const lineFor = ({ topic, setting, found, rule }: Deviation): string =>
  `topic ${topic} has ${setting}=${found}, it must be ${rule.demand} (${rule.reason}): run "orderflow topics", ` +
  `or kafka-configs.sh --alter --entity-type topics --entity-name ${topic} --add-config ${setting}=${rule.wanted}`;

/** @throws KafkaSetupError that names each setting that differs, a line each */
export function checkSettings(topics: readonly FoundTopic[], prefix: string): void {
  const lines = topics.flatMap((topic) => deviationsOf(topic, prefix)).map(lineFor);
  // guard: a service does not start on a topic whose settings break its promises
  if (lines.length > 0) throw new KafkaSetupError(lines.join('\n'));
}

/** @throws KafkaSetupError when the broker does not tell the settings within 10 s */
export async function readSettings(admin: Admin, names: readonly string[]): Promise<FoundTopic[]> {
  const until = performance.now() + METADATA_MS;
  for (let attempt = 0; ; attempt++) {
    try {
      return await describe(admin, names);
    } catch (error) {
      if (performance.now() >= until)
        throw new KafkaSetupError(`KAFKA_BROKERS do not describe the settings of their topics: ${lineOf(error)}`, true);
    }
    await pause(attempt);
  }
}

async function describe(admin: Admin, names: readonly string[]): Promise<FoundTopic[]> {
  if (names.length === 0) return [];
  const { topics } = await admin.fetchTopicMetadata();
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: names.map((name) => ({ type: TOPIC, name })),
  });
  return resources.map(({ resourceName: name, configEntries }) => ({
    name,
    replicas: Math.min(...(topics.find((it) => it.name === name)?.partitions ?? []).map((it) => it.replicas.length)),
    settings: new Map(
      configEntries.map((it) => [it.configName, { value: it.configValue, isOwn: it.configSource === OF_TOPIC }]),
    ),
  }));
}

/**
 * Sets what differs and keeps the other settings of the topics.
 * @returns a line for each setting that was changed
 * @throws KafkaSetupError when the broker does not take a setting over within 10 s
 */
export async function mendSettings(admin: Admin, names: readonly string[], prefix: string): Promise<string[]> {
  const changes = (await readSettings(admin, names)).map((topic) => ({
    topic,
    deviations: deviationsOf(topic, prefix),
  }));
  const resources = changes.flatMap(({ topic, deviations }) => {
    if (deviations.length === 0) return [];
    // The request replaces all settings of a topic.
    const kept = [...topic.settings]
      .filter(([, { isOwn }]) => isOwn)
      .map(([name, { value }]) => [name, value] as const);
    const wanted = deviations.map(({ setting, rule }) => [setting, rule.wanted] as const);
    const configEntries = [...new Map([...kept, ...wanted])].map(([name, value]) => ({ name, value }));
    return [{ type: TOPIC, name: topic.name, configEntries }];
  });
  if (resources.length === 0) return [];
  await admin.alterConfigs({ validateOnly: false, resources });
  await untilMended(admin, names, prefix);
  return changes.flatMap(({ deviations }) =>
    deviations.map(({ topic, setting, found, rule }) => `${topic}: ${setting} ${found} -> ${rule.wanted}`),
  );
}

/** A broker takes a change over a moment after it was acknowledged. */
async function untilMended(admin: Admin, names: readonly string[], prefix: string): Promise<void> {
  const until = performance.now() + METADATA_MS;
  for (let attempt = 0; ; attempt++) {
    const topics = await readSettings(admin, names);
    if (performance.now() >= until || topics.every((topic) => deviationsOf(topic, prefix).length === 0))
      return checkSettings(topics, prefix);
    await pause(attempt);
  }
}
