import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '@orderflow/client';
import type { Customers } from './customers.ts';
import type { EventDuplicator } from './event-duplicator.ts';
import { inject, instanceOf } from './faults.ts';
import { untilAllWork, untilInstanceWorks } from './recovery.ts';
import type { Fault } from './schedule.ts';
import type { ChaosStack } from './stack.ts';

/** A fault that was injected, with its recovery. */
export interface InjectedFault {
  fault: Fault;
  /** From its injection until its mend, ms since the epoch. */
  from: number;
  until: number;
  /** Counted from the mend; absent if another fault came in between. */
  recoveredMs?: number;
}

const ALONE_TIMEOUT_MS = 90_000;
const RECOVERY_TIMEOUT_MS = 60_000;
// Between two faults that are injected alone: the first one's leftovers, such as offsets to commit, are done by then.
const CALM_MS = 3_000;

/** Injects the faults of a schedule, each at its time or as soon as the one before it in its lane is mended. */
export class FaultInjector {
  readonly injected: InjectedFault[] = [];
  private readonly recovering = new Set<Promise<void>>();
  private readonly began = performance.now();
  private readonly over = new AbortController();
  private readonly stack: ChaosStack;
  private readonly customers: Customers;
  private readonly duplicator: EventDuplicator;

  constructor(stack: ChaosStack, customers: Customers, duplicator: EventDuplicator) {
    this.stack = stack;
    this.customers = customers;
    this.duplicator = duplicator;
  }

  /** Returns once every fault is mended, and the system has recovered or its time for that is up. */
  async run(faults: readonly Fault[]): Promise<void> {
    const lanes = Map.groupBy(faults, ({ lane }) => lane);
    for (const fault of lanes.get('alone') ?? []) {
      await this.injectAndMend(fault);
      await this.untilRecovered(ALONE_TIMEOUT_MS);
      await sleep(CALM_MS);
    }
    lanes.delete('alone');
    await Promise.all([...lanes.values()].map(async (own) => this.injectAll(own)));
    await this.untilRecovered(RECOVERY_TIMEOUT_MS);
    this.over.abort();
  }

  private async injectAll(faults: readonly Fault[]): Promise<void> {
    for (const fault of faults) await this.injectAndMend(fault);
  }

  private async injectAndMend(fault: Fault): Promise<void> {
    const waitMs = fault.atMs - (performance.now() - this.began);
    if (waitMs > 0) await sleep(waitMs);
    const from = Date.now();
    const mend = await inject(this.stack, this.duplicator, fault);
    this.print(describe(fault));
    await sleep(fault.forMs);
    const since = await mend();
    const injected: InjectedFault = { fault, from, until: Date.now() };
    this.injected.push(injected);
    const recovering = this.measureRecovery(injected, since).finally(() => this.recovering.delete(recovering));
    this.recovering.add(recovering);
  }

  private async measureRecovery(injected: InjectedFault, since: number): Promise<void> {
    const { fault } = injected;
    // The system does not recover from copies: it works all the time.
    if (fault.kind === 'duplicates') return;
    const instance = instanceOf(this.stack, fault);
    const { signal } = this.over;
    const works = await (instance === undefined
      ? untilAllWork(this.stack, this.customers, signal)
      : untilInstanceWorks(instance, fault.kind !== 'SIGSTOP', signal));
    if (!works) return;
    injected.recoveredMs = performance.now() - since;
    this.print(`  ${describe(fault)}: recovered ${(injected.recoveredMs / 1000).toFixed(1)} s after the mend`);
  }

  /** Waits for the recoveries under way, `withinMs` at most. */
  private async untilRecovered(withinMs: number): Promise<void> {
    // What has not recovered by then is in the report.
    await eventually(() => this.recovering.size === 0, withinMs).catch(() => undefined);
  }

  private print(line: string): void {
    console.log(`${((performance.now() - this.began) / 1000).toFixed(1).padStart(6)} s  ${line}`);
  }
}

const LASTING: readonly Fault['kind'][] = [
  'SIGSTOP',
  'delay',
  'reset',
  'half-open',
  'withheld answers',
  'outage',
  'slow',
  'lost disk',
];

function describe({ kind, target, instance, broker, forMs, heldBack, lane }: Fault): string {
  const number = instance ?? broker;
  const name = number === undefined ? target : `${target}-${number}`;
  const affected = heldBack === undefined ? name : `${heldBack.topic} reaches ${heldBack.at} late`;
  const length = LASTING.includes(kind) ? ` for ${(forMs / 1000).toFixed(1)} s` : '';
  return `${kind} ${affected}${length}${lane === 'alone' ? ' (alone)' : ''}`;
}
