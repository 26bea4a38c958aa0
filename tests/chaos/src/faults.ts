import { eventually, type Faults, SystemClient } from '@orderflow/client';
import { services } from '@orderflow/contracts';
import { setTopicConfig } from '../../../libs/kafka/test/topic-config.ts';
import { createTopics } from '@orderflow/local';
import { foreignTypesOf, OVERSIZED_TOPIC, oversizedRecord } from './bad-records.ts';
import type { EventDuplicator } from './event-duplicator.ts';
import type { RestartablePart } from './infrastructure.ts';
import { type Fault, isService } from './schedule.ts';
import type { ServiceInstance } from './service-instance.ts';
import type { ChaosStack } from './stack.ts';

const EVENT_TOPICS = services.map((service) => `${service}.events`);
const TOPICS_TIMEOUT_MS = 60_000;

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

type SharedPart = 'broker' | 'postgres' | 'registry';
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

// Longer than a lease may wait, shorter than a stop.
const SLOW_MAIL_MS = 7_000;

async function disturb(stack: ChaosStack, faults: Faults): Promise<Mend> {
  const client = new SystemClient(stack.urls);
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
  const brokers = [stack.kafkaBrokers];
  await eventually(async () => setTopicConfig(brokers, topics, changes).then(() => true), TOPICS_TIMEOUT_MS);
  return mendBy(async () => eventually(async () => createTopics(stack.kafkaBrokers, ''), TOPICS_TIMEOUT_MS));
}

async function publishOversized(stack: ChaosStack, duplicator: EventDuplicator): Promise<Mend> {
  const mend = await changeTopics(stack, [OVERSIZED_TOPIC], { 'max.message.bytes': String(4 * 1024 * 1024) });
  await duplicator.publish([oversizedRecord()]);
  return mend;
}

async function publishForeign(duplicator: EventDuplicator): Promise<Mend> {
  await duplicator.publish(foreignTypesOf(duplicator.recent));
  return mendBy(() => undefined);
}

/** Injects a fault. @returns a function that mends it */
export async function inject(stack: ChaosStack, duplicator: EventDuplicator, fault: Fault): Promise<Mend> {
  const { target, kind, heldBack, codec } = fault;
  switch (kind) {
    case 'SIGKILL':
    case 'SIGTERM':
    case 'SIGSTOP': {
      const instance = instanceOf(stack, fault);
      return instance ? hitInstance(instance, kind) : hitPart(stack[target as SharedPart], kind);
    }
    case 'outage':
      return disturb(stack, { [target === 'provider' ? 'payments' : 'mail']: { outage: true } });
    case 'slow':
      return disturb(stack, { mail: { delayMs: SLOW_MAIL_MS } });
    case 'duplicates':
      duplicator.isOn = true;
      return mendBy(() => (duplicator.isOn = false));
    case 'compressed batches':
      return changeTopics(stack, EVENT_TOPICS, { 'compression.type': codec! });
    case 'oversized records':
      return publishOversized(stack, duplicator);
    case 'foreign types':
      return publishForeign(duplicator);
    case 'reordering':
      stack.hold(heldBack!.at, [heldBack!.topic]);
      return mendBy(() => stack.hold(heldBack!.at, []));
    default:
      return mendBy(stack.proxies[target as 'broker' | 'postgres'].begin(kind));
  }
}
