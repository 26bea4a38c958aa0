import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '@orderflow/client';
import type { Copies } from './copies.ts';
import type { Customers } from './customers.ts';
import { inflict, memberOf } from './faults.ts';
import { untilAllWork, untilMemberWorks } from './recovery.ts';
import type { Fault, Lane } from './schedule.ts';
import type { ChaosStack } from './stack.ts';

/** A fault that was, with what it came to. */
export interface Suffered {
  fault: Fault;
  /** From when it was inflicted until it was mended, ms since the epoch. */
  from: number;
  until: number;
  /** From the mend on; undefined where something else came in between. */
  recoveredMs?: number;
}

const ALONE_TIMEOUT_MS = 90_000;
const RECOVERY_TIMEOUT_MS = 60_000;
// Between two that are to be seen alone: what the first has left behind, such as offsets to commit, is done by then.
const CALM_MS = 3_000;

/** Lets the faults of a schedule happen, each at its time or as soon as the one before it in its lane is mended. */
export class Storm {
  readonly suffered: Suffered[] = [];
  private readonly recovering = new Set<Promise<void>>();
  private readonly began = performance.now();
  private readonly over = new AbortController();
  private readonly stack: ChaosStack;
  private readonly customers: Customers;
  private readonly copies: Copies;

  constructor(stack: ChaosStack, customers: Customers, copies: Copies) {
    this.stack = stack;
    this.customers = customers;
    this.copies = copies;
  }

  /** Returns once all of them are mended, and all is well again or has had its time. */
  async rage(faults: readonly Fault[]): Promise<void> {
    const lanes = Map.groupBy(faults, ({ lane }) => lane);
    for (const fault of lanes.get('alone') ?? []) {
      await this.suffer(fault);
      await this.calm(ALONE_TIMEOUT_MS);
      await sleep(CALM_MS);
    }
    const others = [...lanes].filter(([lane]) => lane !== 'alone');
    await Promise.all(others.map(async ([, own]) => this.sufferAll(own)));
    await this.calm(RECOVERY_TIMEOUT_MS);
    this.over.abort();
  }

  private async sufferAll(faults: readonly Fault[]): Promise<void> {
    for (const fault of faults) await this.suffer(fault);
  }

  private async suffer(fault: Fault): Promise<void> {
    const waitMs = fault.atMs - (performance.now() - this.began);
    if (waitMs > 0) await sleep(waitMs);
    const from = Date.now();
    const mend = await inflict(this.stack, this.copies, fault);
    this.say(`${describe(fault)}`);
    await sleep(fault.forMs);
    const since = await mend();
    const suffered: Suffered = { fault, from, until: Date.now() };
    this.suffered.push(suffered);
    const recovering = this.recover(suffered, since).finally(() => this.recovering.delete(recovering));
    this.recovering.add(recovering);
  }

  private async recover(suffered: Suffered, since: number): Promise<void> {
    const { fault } = suffered;
    // A copy too many leaves nothing to recover from.
    if (fault.kind === 'duplicates') return;
    const member = memberOf(this.stack, fault);
    const { signal } = this.over;
    const works =
      member === undefined
        ? await untilAllWork(this.stack, this.customers, signal)
        : await untilMemberWorks(member, fault.kind !== 'SIGSTOP', signal);
    if (!works) return;
    suffered.recoveredMs = performance.now() - since;
    this.say(`  ${describe(fault)}: recovered ${(suffered.recoveredMs / 1000).toFixed(1)} s after the mend`);
  }

  /** Until nothing is being recovered from, or that has taken too long. */
  private async calm(withinMs: number): Promise<void> {
    await eventually(() => this.recovering.size === 0, withinMs).catch(() => undefined);
  }

  private say(line: string): void {
    console.log(`${((performance.now() - this.began) / 1000).toFixed(1).padStart(6)} s  ${line}`);
  }
}

const LASTING: readonly Fault['kind'][] = ['SIGSTOP', 'delay', 'reset', 'half-open', 'withheld answers', 'outage'];

export function describe({ kind, target, member, forMs, heldBack, lane }: Fault): string {
  const who = member === undefined ? target : `${target}-${member}`;
  const what = heldBack === undefined ? who : `${heldBack.topic} reaches ${heldBack.at} late`;
  const length = LASTING.includes(kind) ? ` for ${(forMs / 1000).toFixed(1)} s` : '';
  const mark: Partial<Record<Lane, string>> = { alone: ' (alone)' };
  return `${kind} ${what}${length}${mark[lane] ?? ''}`;
}
