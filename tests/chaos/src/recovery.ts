import { demand, eventually, type Order } from '@orderflow/client';
import type { Customers } from './customers.ts';
import type { ServiceInstance } from './service-instance.ts';
import type { ChaosStack } from './stack.ts';

/** The meaning of `recovered`, for the report. */
export const DEFINITION =
  'recovered: the instance is ready and each of its consumer groups has handled an event since the mend; ' +
  'after a fault of a shared part every running instance has, and an order placed since the mend is settled';

// A scrape makes a service query its queues: often enough to be exact, seldom enough to cost little.
const POLL_MS = 300;
const HANDLED =
  /^messaging_process_duration_seconds_count\{(?=[^}]*messaging_consumer_group_name="([^"]+)")(?![^}]*outcome="retried")[^}]*\} (\S+)/gm;

/** Number of events that each consumer group of this process has handled; undefined while it is not ready. */
async function handledBy(instance: ServiceInstance): Promise<Map<string, number> | undefined> {
  try {
    const signal = AbortSignal.timeout(2_000);
    const [ready, metrics] = await Promise.all([
      instance.get('/health/ready', signal),
      instance.get('/metrics', signal).then(async (it) => it.text()),
    ]);
    await ready.arrayBuffer();
    if (!ready.ok) return undefined;
    const counts = new Map<string, number>();
    for (const [, group = '', count] of metrics.matchAll(HANDLED)) {
      counts.set(group, (counts.get(group) ?? 0) + Number(count));
    }
    return counts;
  } catch {
    // Unreachable is the same as not ready.
    return undefined;
  }
}

const groupsOf = ({ service }: ServiceInstance): string[] =>
  service === 'orders' ? ['orders', 'orders.views'] : [service];

/**
 * Waits until the instance works. @returns false when another fault hit it meanwhile, or the run is `over`
 * @param isNew whether it was restarted, and so has handled no event before
 */
export async function untilInstanceWorks(
  instance: ServiceInstance,
  isNew: boolean,
  over: AbortSignal,
): Promise<boolean> {
  const { startedAt } = instance;
  let before = isNew ? new Map<string, number>() : undefined;
  const isOver = () => over.aborted || instance.isFaulty || instance.startedAt !== startedAt;
  const works = async () => {
    const now = await handledBy(instance);
    before ??= now;
    return groupsOf(instance).every((group) => (now?.get(group) ?? 0) > (before?.get(group) ?? 0));
  };
  const end = await eventually(async () => (isOver() && 'over') || ((await works()) && 'works'), Infinity, POLL_MS);
  return end === 'works';
}

/** Waits until every running instance works and an order is settled. @returns false when the run is `over` before */
export async function untilAllWork(stack: ChaosStack, customers: Customers, over: AbortSignal): Promise<boolean> {
  const running = stack.consumers.filter(({ isFaulty }) => !isFaulty);
  await Promise.all([
    untilOrderSettles(stack, customers, over),
    ...running.map(async (instance) => untilInstanceWorks(instance, false, over)),
  ]);
  return !over.aborted;
}

async function untilOrderSettles(stack: ChaosStack, customers: Customers, over: AbortSignal): Promise<void> {
  const orderId = await customers.probe();
  let turn = 0;
  const isSettled = async () => {
    const { url } = stack.instance('orders', turn++ % 2 === 0 ? 1 : 2);
    return (await demand<Order>(`${url}/orders/${orderId}`, { token: stack.access.tokens.customer })).settled;
  };
  await eventually(async () => over.aborted || isSettled(), Infinity, POLL_MS);
}

/** The names of the instances that are not ready within the time. */
export async function notReady(instances: readonly ServiceInstance[], withinMs: number): Promise<string[]> {
  let names: string[] = [];
  const areReady = async () => {
    const handled = await Promise.all(instances.map(handledBy));
    names = instances.filter((_, index) => handled[index] === undefined).map(({ name }) => name);
    return names.length === 0;
  };
  // The names tell.
  await eventually(areReady, withinMs, POLL_MS).catch(() => undefined);
  return names;
}
