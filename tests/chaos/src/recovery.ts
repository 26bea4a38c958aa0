import { demand, eventually, type Order } from '@orderflow/client';
import type { Customers } from './customers.ts';
import type { Member } from './member.ts';
import type { ChaosStack } from './stack.ts';

/** What `recovered` means, as the report says it. */
export const DEFINITION =
  'recovered: the member is ready and each of its consumer groups has handled something since the mend; ' +
  'after a fault of a shared part all members that run are, and an order placed since the mend is settled';

// Each look makes the services look at their queues: often enough to be exact, seldom enough to cost little.
const POLL_MS = 300;
const HANDLED =
  /^messaging_process_duration_seconds_count\{(?=[^}]*messaging_consumer_group_name="([^"]+)")(?![^}]*outcome="retried")[^}]*\} (\S+)/gm;

/** How much each consumer group of this process has handled; undefined while the process does not answer as ready. */
async function handledBy({ url }: Member): Promise<Map<string, number> | undefined> {
  try {
    const signal = AbortSignal.timeout(2_000);
    const [ready, metrics] = await Promise.all([
      fetch(`${url}/health/ready`, { signal }),
      fetch(`${url}/metrics`, { signal }).then(async (it) => it.text()),
    ]);
    await ready.arrayBuffer();
    if (!ready.ok) return undefined;
    const counts = new Map<string, number>();
    for (const [, group = '', count] of metrics.matchAll(HANDLED)) {
      counts.set(group, (counts.get(group) ?? 0) + Number(count));
    }
    return counts;
  } catch {
    // It cannot be reached: the same as not being ready.
    return undefined;
  }
}

const groupsOf = ({ service }: Member): string[] => (service === 'orders' ? ['orders', 'orders.views'] : [service]);

/**
 * Waits until the member works. @returns false when somebody else did something to it meanwhile, or it is `over`
 * @param isNew whether it was started anew, and so has handled nothing before
 */
export async function untilMemberWorks(member: Member, isNew: boolean, over: AbortSignal): Promise<boolean> {
  const { startedAt } = member;
  let before = isNew ? new Map<string, number>() : undefined;
  const isOver = () => over.aborted || member.disturbed || member.startedAt !== startedAt;
  const works = async () => {
    const now = await handledBy(member);
    before ??= now;
    return groupsOf(member).every((group) => (now?.get(group) ?? 0) > (before?.get(group) ?? 0));
  };
  const end = await eventually(async () => (isOver() && 'over') || ((await works()) && 'works'), Infinity, POLL_MS);
  return end === 'works';
}

async function untilOrderSettles(
  customers: Customers,
  ordersUrls: readonly string[],
  over: AbortSignal,
): Promise<boolean> {
  const orderId = await customers.probe();
  let turn = 0;
  const settled = async () =>
    (await demand<Order>(`${ordersUrls[turn++ % ordersUrls.length]}/orders/${orderId}`)).settled;
  await eventually(async () => over.aborted || settled(), Infinity, POLL_MS);
  return !over.aborted;
}

/** Those that are not ready, however long they are given. */
export async function notReady(members: readonly Member[], withinMs: number): Promise<readonly Member[]> {
  let others = members;
  const noneLeft = async () => {
    const ready = await Promise.all(members.map(async (member) => (await handledBy(member)) !== undefined));
    others = members.filter((_, index) => !ready[index]);
    return others.length === 0;
  };
  await eventually(noneLeft, withinMs, POLL_MS).catch(() => undefined);
  return others;
}

/** Waits until everybody who runs works and an order gets through. @returns false when it is `over` before */
export async function untilAllWork(stack: ChaosStack, customers: Customers, over: AbortSignal): Promise<boolean> {
  const urls = stack.consumers.filter(({ service }) => service === 'orders').map(({ url }) => url);
  const running = stack.consumers.filter(({ disturbed }) => !disturbed);
  const [settled] = await Promise.all([
    untilOrderSettles(customers, urls, over),
    ...running.map(async (member) => untilMemberWorks(member, false, over)),
  ]);
  return settled && !over.aborted;
}
