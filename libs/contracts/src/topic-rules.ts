import { DAY_MS, type Topic, topics, type TopicSettings } from './topics.js';

/** A setting of a topic that services rely on, as the broker spells it. */
export interface TopicRule {
  readonly setting: string;
  /** The value that is set where another one breaks the rule. */
  readonly wanted: string;
  /** For operators: the values that keep the rule. */
  readonly demand: string;
  readonly reason: string;
  holds(value: string): boolean;
}

const exactly = (setting: string, wanted: string, reason: string): TopicRule => ({
  setting,
  wanted,
  demand: wanted,
  reason,
  holds: (value) => value === wanted,
});

const between = (
  setting: string,
  [least, wanted, most]: readonly [number, number, number],
  reason: string,
): TopicRule => ({
  setting,
  wanted: String(wanted),
  demand: least === most ? String(least) : `${least} to ${most}`,
  reason,
  holds: (value) => Number(value) >= least && Number(value) <= most,
});

const MIB = 1024 * 1024;

const ofAll: readonly TopicRule[] = [
  exactly('compression.type', 'uncompressed', 'the broker then counts what a batch really holds'),
  exactly('message.timestamp.type', 'LogAppendTime', 'records stamped by their producer expire early or are refused'),
  between(
    'max.message.bytes',
    [1_000_000, MIB + 12, 8 * MIB],
    'an event is up to 900 kB, and consumers hold whole batches',
  ),
];

const ofStreams: readonly TopicRule[] = [
  exactly('cleanup.policy', 'delete', 'compaction would remove earlier events of an order'),
  between('retention.ms', [DAY_MS, 7 * DAY_MS, 7 * DAY_MS], 'the inbox knows the events of 9 days'),
  between('segment.ms', [1, DAY_MS, DAY_MS], 'records are kept one segment longer than retention.ms'),
  exactly('retention.bytes', '-1', 'unread events would be deleted'),
];

const ofTables: readonly TopicRule[] = [
  exactly('cleanup.policy', 'compact', 'the newest price of a product is kept'),
  between(
    'min.compaction.lag.ms',
    [DAY_MS, DAY_MS, 7 * DAY_MS],
    'an old price that was stored late would replace the newest one before that is published again',
  ),
];

/**
 * How many replicas must have stored an event before it is acknowledged: two of three, so that it survives the loss of one
 * broker, and a broker may be away. With fewer replicas than the setting, nothing is published.
 */
const acknowledgedBy = (replicas: number): TopicRule =>
  replicas >= 3
    ? between('min.insync.replicas', [2, 2, replicas - 1], 'an acknowledged event must survive the loss of a broker')
    : between('min.insync.replicas', [1, 1, replicas], 'with fewer replicas nothing can be published');

/**
 * The rules for the settings of a topic.
 * @param name without prefix. @param replicas how many the topic has
 */
export function topicRules(name: string, replicas: number): readonly TopicRule[] {
  const settings: TopicSettings | undefined = topics[name as Topic];
  if (settings === undefined) return [];
  const kind = settings.config['cleanup.policy'] === 'compact' ? ofTables : ofStreams;
  return [...ofAll, ...kind, acknowledgedBy(replicas)];
}
