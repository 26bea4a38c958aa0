/**
 * kafkajs 2.2.4 treats one broker that is away as the failure of its consumer:
 * - A fetch from that broker rejects, and with it every fetcher is stopped and started again a second later. See
 *   kafkajs/src/consumer/consumerGroup.js, recoverFromFetch, and fetchManager.js.
 * - The heartbeat goes to the coordinator that the member has joined at, also when that one is away and another broker has
 *   taken its groups over. After 20 seconds of that the consumer crashes, and joins as a new member.
 *
 * The guard lets the other fetchers go on, and asks for the coordinator when it is away: the one that took over knows the
 * member. Both refresh the metadata first, see kafkajs/src/cluster/index.js, findBroker.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import ConsumerGroup from 'kafkajs/src/consumer/consumerGroup.js';

const PAUSE_MS = 500;
const AWAY = new Set<unknown>(['KafkaJSConnectionError', 'KafkaJSConnectionClosedError', 'KafkaJSRequestTimeoutError']);

const recoverUnguarded = Reflect.get(ConsumerGroup.prototype, 'recoverFromFetch') as ConsumerGroup['recoverFromFetch'];
const heartbeatUnguarded = Reflect.get(ConsumerGroup.prototype, 'heartbeat') as ConsumerGroup['heartbeat'];

/** Patches kafkajs; further calls change nothing. */
export function guardAwayBrokers(): void {
  ConsumerGroup.prototype.recoverFromFetch = recoverFromAwayBroker;
  ConsumerGroup.prototype.heartbeat = heartbeatAtCoordinator;
}

async function recoverFromAwayBroker(this: ConsumerGroup, error: Error): Promise<void> {
  // guard: a broker that is away stops no fetch from the others
  if (!AWAY.has(error.name)) return recoverUnguarded.call(this, error);
  await sleep(PAUSE_MS);
  // A request that was not answered has not led to the metadata of a new leader yet.
  await this.cluster.refreshMetadata().catch(() => undefined);
}

async function heartbeatAtCoordinator(this: ConsumerGroup, options: object): Promise<void> {
  try {
    await heartbeatUnguarded.call(this, options);
  } catch (error) {
    // guard: a member follows its group to another coordinator
    if (!AWAY.has((error as Error).name)) throw error;
    this.coordinator = await this.cluster.findGroupCoordinator({ groupId: this.groupId });
  }
}
