import { audit } from './audit.js';
import { strike } from './faults.js';
import type { Plan } from './plan.js';
import type { RareCounts } from './rare.js';
import { Rules } from './rules.js';
import { type Action, chance, settled } from './scheduler.js';
import { Shop } from './shop.js';

/**
 * `safety`: the rules of every moment, while all goes wrong that the plan says. `liveness`: then the faults stop, and
 * everything must settle within a bound.
 */
export type Mode = 'safety' | 'liveness';

const STEPS = { safety: 240, liveness: 160 };
// Many times what two orders need when nobody is in their way.
const STEPS_TO_SETTLE = 5_000;

/**
 * Runs a plan from the first step to the last.
 * @param said told what happens at each step
 * @returns the system as the last step left it
 * @throws Violation when a rule is broken
 */
export async function run(plan: Plan, mode: Mode, rare: RareCounts, said?: (line: string) => void): Promise<Shop> {
  const shop = new Shop(plan, new Rules(rare));
  await settled();
  await breakThings(shop, plan, STEPS[mode], said);
  if (mode === 'liveness') await settle(shop, plan, said);
  return shop;
}

async function breakThings(shop: Shop, plan: Plan, steps: number, said?: (line: string) => void): Promise<void> {
  const next = plan.interleaving === 0 ? () => 0 : chance(plan.interleaving);
  let struck = 0;
  let due = plan.faults[0]?.after ?? Infinity;
  while (shop.scheduler.step < steps) {
    while (shop.scheduler.step >= due) {
      const done = strike(shop, plan.faults[struck]!);
      if (done !== undefined) said?.(`${shop.scheduler.step}: *** ${done}`);
      await settled();
      struck++;
      due += plan.faults[struck]?.after ?? Infinity;
    }
    const actions = shop.actions();
    const action = plan.interleaving === 0 ? oldest(actions) : actions[next(actions.length)];
    await goOn(shop, action, said);
  }
}

async function settle(shop: Shop, { faults }: Plan, said?: (line: string) => void): Promise<void> {
  heal(shop);
  const end = shop.scheduler.step + STEPS_TO_SETTLE;
  while ((await goOn(shop, oldest(shop.actions()), said)) || mend(shop))
    if (shop.scheduler.step > end) {
      shop.rules.violated('everything settles once the faults stop');
      return shop.rules.check();
    }
  audit(shop, shop.rules, faults.length === 0);
}

/** @returns false when nothing can happen any more, not even by waiting */
async function goOn(shop: Shop, action: Action | undefined, said?: (line: string) => void): Promise<boolean> {
  const { scheduler, clock, rules } = shop;
  scheduler.step++;
  if (action === undefined) {
    const due = shop.nextDue();
    if (due === undefined) return false;
    clock.passTo(due);
    said?.(`${scheduler.step}: time passes`);
  } else {
    said?.(`${scheduler.step}: ${action.process ? `${action.process.name}: ` : ''}${action.label}`);
    action.run();
  }
  await settled();
  rules.check();
  return true;
}

function oldest(actions: readonly Action[]): Action | undefined {
  let first: Action | undefined;
  for (const action of actions) if (!first || action.since < first.since) first = action;
  return first;
}

function heal({ members, broker }: Shop): void {
  for (const { process } of members) process.pausedUntil = 0;
  for (const consumer of broker.consumers) consumer.release();
  broker.refuses.clear();
  broker.storesAPart = false;
}

/** What only a person can do: rows that were set aside are sent again. @returns whether there were any */
function mend({ services }: Shop): boolean {
  const mended = Object.values(services).map(({ outbox, server }) => {
    const aside = [...outbox.rows.rows].filter(([, { isRejected }]) => isRejected);
    for (const [id, row] of aside) outbox.rows.rows.set(id, { ...row, isRejected: false });
    server.database.version++;
    return aside.length > 0;
  });
  return mended.includes(true);
}
