import type { Admin } from 'kafkajs';
import { topicsShortOfReplicas } from '../metrics.js';
import type { FoundTopic } from './topic-settings.js';

// Three copies, where there are three brokers: one may be lost, and one be away at the same time.
export const REPLICAS = 3;

/** How many replicas a topic should have on these brokers. @param most the setting TOPIC_REPLICAS */
export async function replicasFor(admin: Admin, most: number): Promise<number> {
  const { brokers } = await admin.describeCluster();
  return Math.min(most, brokers.length);
}

/** A line for each topic that has fewer replicas than it should have. Only an operator can add them: it moves data. */
export function shortOfReplicas(topics: readonly FoundTopic[], wanted: number): string[] {
  const short = topics.filter(({ replicas }) => replicas < wanted);
  topicsShortOfReplicas.set(short.length);
  return short.map(
    ({ name, replicas }) =>
      `topic ${name} has ${replicas} of ${wanted} replicas: events are lost with ${replicas === 1 ? 'one disk' : `${replicas} disks`}; ` +
      'docs/runbook.md, "A topic has too few replicas"',
  );
}
