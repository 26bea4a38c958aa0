import { audit } from './audit.js';
import { endFaults, injectFault, resendRejectedRows } from './faults.js';
import type { Plan } from './plan.js';
import type { RareCounts } from './rare-paths.js';
import { Rules } from './rules.js';
import { type Action, idle, pseudoRandom } from './scheduler.js';
import { SimulatedSystem } from './simulated-system.js';

/** `safety`: checks the rules after every step, under faults. `liveness`: then ends the faults and audits the settled system. */
export type Mode = 'safety' | 'liveness';

type Look = (system: SimulatedSystem) => void;

const STEPS = { safety: 240, liveness: 160 };
// Two orders without faults need far fewer.
const STEPS_TO_SETTLE = 5_000;

/**
 * Runs a plan from the first step to the last.
 * @param trace is called with one line per step
 * @param look is called after each step
 * @returns the system after the last step
 * @throws Violation when a rule is broken
 */
export async function run(
  plan: Plan,
  mode: Mode,
  rare: RareCounts,
  trace?: (line: string) => void,
  look?: Look,
): Promise<SimulatedSystem> {
  const system = new SimulatedSystem(plan, new Rules(rare), trace);
  await idle();
  await runWithFaults(system, plan, STEPS[mode], look);
  if (mode === 'liveness') await settle(system, plan, look);
  return system;
}

async function runWithFaults(system: SimulatedSystem, plan: Plan, steps: number, look?: Look): Promise<void> {
  const next = plan.interleaving === 0 ? () => 0 : pseudoRandom(plan.interleaving);
  let injected = 0;
  let due = plan.faults[0]?.after ?? Infinity;
  while (system.scheduler.step < steps) {
    while (system.scheduler.step >= due) {
      const fault = injectFault(system, plan.faults[injected]!);
      if (fault !== undefined) system.trace?.(`${system.scheduler.step}: *** ${fault}`);
      await idle();
      injected++;
      due += plan.faults[injected]?.after ?? Infinity;
    }
    const actions = system.actions();
    const action = plan.interleaving === 0 ? oldest(actions) : actions[next(actions.length)];
    await takeStep(system, action, look);
  }
}

async function settle(system: SimulatedSystem, { faults }: Plan, look?: Look): Promise<void> {
  endFaults(system);
  const end = system.scheduler.step + STEPS_TO_SETTLE;
  while ((await takeStep(system, oldest(system.actions()), look)) || resendRejectedRows(system))
    if (system.scheduler.step > end) {
      system.rules.violated('everything settles once the faults stop');
      return system.rules.check();
    }
  audit(system, faults.length === 0);
}

/** Runs the action. Without one, advances the clock. @returns false when nothing is left to do, now or later */
async function takeStep(system: SimulatedSystem, action: Action | undefined, look?: Look): Promise<boolean> {
  const { scheduler, clock, rules, trace } = system;
  scheduler.step++;
  if (action === undefined) {
    const due = system.nextDue();
    if (due === undefined) return false;
    clock.advanceTo(due);
    trace?.(`${scheduler.step}: the clock advances`);
  } else {
    trace?.(`${scheduler.step}: ${action.process ? `${action.process.name}: ` : ''}${action.label}`);
    action.run();
  }
  await idle();
  rules.check();
  look?.(system);
  return true;
}

function oldest(actions: readonly Action[]): Action | undefined {
  let first: Action | undefined;
  for (const action of actions) if (!first || action.since < first.since) first = action;
  return first;
}
