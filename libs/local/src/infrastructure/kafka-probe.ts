import { setTimeout as sleep } from 'node:timers/promises';
import type { KafkaSecurity } from '@orderflow/kafka';
import { reasonOf } from '../process/setup-error.js';

const GROUP = 'orderflow-readiness';

/**
 * Resolves when the broker at `host:port` serves consumer groups: it names a coordinator that has loaded its offsets. An open
 * port is not enough: the first joins would be refused.
 * @param security by default that of KAFKA_SASL_USERNAME, KAFKA_TLS and the like
 * @throws Error while it does not
 */
export async function groupsAreServed(broker: string, security?: KafkaSecurity): Promise<void> {
  // Loaded lazily: programs that only need PostgreSQL need not load Nest and kafkajs.
  const { KafkajsBroker, kafkaSecurityFrom } = await import('@orderflow/kafka');
  const client = new KafkajsBroker({
    brokers: [broker],
    clientId: 'readiness',
    security: security ?? kafkaSecurityFrom(),
  });
  try {
    await client.lagOf(GROUP, []);
  } finally {
    await client.disconnect();
  }
}

const NO_COORDINATOR_YET = /coordinator/i;
const PAUSE_MS = 500;

/**
 * Resolves when the brokers serve consumer groups, and asks again while they have no coordinator yet (Kafka error 15): a fresh
 * cluster makes the topic of its offsets when it is first asked.
 * @throws Error of any other kind at once, and after `withinMs`
 */
export async function untilGroupsAreServed(probe: () => Promise<void>, withinMs = 60_000): Promise<void> {
  const until = Date.now() + withinMs;
  for (;;) {
    try {
      return await probe();
    } catch (error) {
      if (Date.now() >= until || !NO_COORDINATOR_YET.test(reasonOf(error))) throw error;
    }
    await sleep(PAUSE_MS);
  }
}
