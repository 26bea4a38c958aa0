import { eventually, type Faults } from '@orderflow/client';
import { type Service, services } from '@orderflow/contracts';
import { publishGzipped } from '../../../libs/kafka/test/gzip-record.ts';
import { setTopicConfig } from '../../../libs/kafka/test/topic-config.ts';
import { createTopics } from '@orderflow/local';
import { bomb, foreignTypesOf, OVERSIZED_TOPIC, oversizedRecord } from './bad-records.ts';
import type { EventDuplicator } from './event-duplicator.ts';
import type { RestartablePart } from './infrastructure.ts';
import { type Fault, isService } from './schedule.ts';
import { Snapshot } from './restore.ts';
import type { ServiceInstance } from './service-instance.ts';
import type { ChaosStack } from './stack.ts';

const EVENT_TOPICS = services.map((service) => `${service}.events`);
// The broker may be frozen for a minute meanwhile, and start again after that.
const TOPICS_TIMEOUT_MS = 240_000;

/** Ends a fault. @returns the start of its recovery, by `performance.now()` */
type Mend = () => Promise<number>;

/** The process that a fault hits; undefined if it hits a part that all share. */
export const instanceOf = (stack: ChaosStack, { target, instance }: Fault): ServiceInstance | undefined =>
  isService(target) ? stack.instance(target, instance) : undefined;

/** A mend whose recovery starts when it is done. */
const mendBy =
  (end: () => unknown): Mend =>
  async () => {
    await end();
    return performance.now();
  };

type Signal = 'SIGKILL' | 'SIGTERM' | 'SIGSTOP';

async function hitInstance(instance: ServiceInstance, signal: Signal): Promise<Mend> {
  // It may still be recovering from the last fault.
  await instance.whenReady();
  instance.isFaulty = true;
  const thaw = signal === 'SIGSTOP' ? instance.freeze() : undefined;
  if (signal !== 'SIGSTOP') await instance.kill(signal);
  return mendBy(() => {
    if (thaw) thaw();
    // Not awaited: a dependency may be unavailable.
    else instance.start();
    instance.isFaulty = false;
  });
}

async function hitPart(part: RestartablePart, signal: Signal): Promise<Mend> {
  if (signal === 'SIGSTOP') return mendBy(await part.freeze());
  await (signal === 'SIGKILL' ? part.kill() : part.stop());
  return async () => {
    await part.start();
    return part.openAt;
  };
}

/** The part that all instances share and a fault hits. */
function partOf(stack: ChaosStack, { target, broker = 1 }: Fault): RestartablePart {
  return target === 'broker' ? stack.brokers[broker - 1]! : stack[target as 'postgres' | 'registry'];
}

/** A mend of one of several brokers: the next one is hit when no replica depends on another any more. */
const thenInSync =
  (stack: ChaosStack, mend: Mend): Mend =>
  async () => {
    const since = await mend();
    await stack.whenInSync();
    return since;
  };

async function hitShared(stack: ChaosStack, fault: Fault, signal: Signal): Promise<Mend> {
  const mend = await hitPart(partOf(stack, fault), signal);
  return fault.broker === undefined ? mend : thenInSync(stack, mend);
}

async function loseDisk(stack: ChaosStack, fault: Fault): Promise<Mend> {
  const mend = await hitPart(partOf(stack, fault), 'SIGKILL');
  await stack.cluster.loseDisk(fault.broker!);
  return thenInSync(stack, mend);
}

// Longer than a lease may wait, shorter than a stop.
const SLOW_MAIL_MS = 7_000;

async function disturb(stack: ChaosStack, faults: Faults): Promise<Mend> {
  const client = stack.clientAs('admin');
  await stack.instance('sandbox').whenReady();
  await client.setFaults(faults);
  const ended = Object.fromEntries(Object.keys(faults).map((section) => [section, {}]));
  return mendBy(async () => client.setFaults(ended));
}

/** Changes settings of the topics of events as an operator would. The mend is the command of operators. */
async function changeTopics(
  stack: ChaosStack,
  topics: readonly string[],
  changes: Record<string, string>,
): Promise<Mend> {
  const { cluster, kafkaBrokers, kafkaSecurity } = stack;
  const change = async () => setTopicConfig(cluster.brokers, topics, changes, kafkaSecurity).then(() => true);
  await eventually(change, TOPICS_TIMEOUT_MS);
  return mendBy(async () => eventually(async () => createTopics(kafkaBrokers, '', kafkaSecurity), TOPICS_TIMEOUT_MS));
}

async function publishOversized(stack: ChaosStack, duplicator: EventDuplicator): Promise<Mend> {
  const mend = await changeTopics(stack, [OVERSIZED_TOPIC], { 'max.message.bytes': String(4 * 1024 * 1024) });
  await duplicator.publish([oversizedRecord()]);
  return mend;
}

async function publishBomb(stack: ChaosStack): Promise<Mend> {
  // The broker unpacks what it stores as `uncompressed`, and refuses it for its size.
  const mend = await changeTopics(stack, [OVERSIZED_TOPIC], { 'compression.type': 'gzip' });
  const { cluster, kafkaSecurity } = stack;
  const publish = async () => publishGzipped(cluster.brokers, OVERSIZED_TOPIC, bomb(), kafkaSecurity).then(() => true);
  await eventually(publish, TOPICS_TIMEOUT_MS);
  return mend;
}

async function publishForeign(duplicator: EventDuplicator): Promise<Mend> {
  await duplicator.publish(foreignTypesOf(duplicator.recent));
  return mendBy(() => undefined);
}

async function goBack(stack: ChaosStack, duplicator: EventDuplicator, service: Service): Promise<Mend> {
  const snapshot = await Snapshot.take(stack, service);
  const takenAt = new Date();
  return mendBy(async () => {
    // Otherwise there is nothing to take back.
    await duplicator.untilPublished(`${service}.events`, takenAt);
    await snapshot.restore();
  });
}

/** Injects a fault. @returns a function that mends it */
export async function inject(stack: ChaosStack, duplicator: EventDuplicator, fault: Fault): Promise<Mend> {
  const { target, kind, heldBack, setting } = fault;
  switch (kind) {
    case 'SIGKILL':
    case 'SIGTERM':
    case 'SIGSTOP': {
      const instance = instanceOf(stack, fault);
      return instance ? hitInstance(instance, kind) : hitShared(stack, fault, kind);
    }
    case 'lost disk':
      return loseDisk(stack, fault);
    case 'restore':
      return goBack(stack, duplicator, target as Service);
    case 'outage':
      return disturb(stack, { [target === 'provider' ? 'payments' : 'mail']: { outage: true } });
    case 'slow':
      return disturb(stack, { mail: { delayMs: SLOW_MAIL_MS } });
    case 'duplicates':
      duplicator.begin();
      return mendBy(async () => duplicator.end());
    case 'compressed batches':
    case 'topic settings':
      return changeTopics(stack, EVENT_TOPICS, Object.fromEntries([setting!]));
    case 'record bombs':
      return publishBomb(stack);
    case 'oversized records':
      return publishOversized(stack, duplicator);
    case 'foreign types':
      return publishForeign(duplicator);
    case 'reordering':
      stack.hold(heldBack!.at, [heldBack!.topic]);
      return mendBy(() => stack.hold(heldBack!.at, []));
    default: {
      const { brokers, postgres } = stack.proxies;
      return mendBy((target === 'broker' ? brokers[(fault.broker ?? 1) - 1]! : postgres).begin(kind));
    }
  }
}
