import type { TemporaryStack } from '@orderflow/local';
import { join } from 'node:path';
import { readFacts } from '../checks/read-facts.ts';
import { isSound, judge, type Verdict } from '../checks/verdict.ts';
import { Generator } from '../generator.ts';
import { Meter } from '../machine.ts';
import type { Sink } from '../spans.ts';
import type { Audit, Contender, MeasuredSystem } from '../systems/measured-system.ts';
import type { Market } from '../workloads.ts';

/** Units of each product, delivered before the first order. */
export const UNITS = 1_000_000;

/** Where systems run, one at a time. */
export interface Place {
  readonly stack: TemporaryStack;
  readonly sink: Sink;
  readonly market: Market;
}

/** Whether the figures of a run count. */
export interface Soundness {
  readonly verdict: Verdict;
  /** Requests that were not accepted. They break no promise, and stand beside the figures. */
  readonly refused: number;
  readonly audit: Audit;
  readonly sound: boolean;
}

/** A system that is measured, with its load. */
export class Run {
  readonly system: MeasuredSystem;
  readonly generator: Generator;
  /** Of the broker. */
  readonly logDir: string;
  private readonly infrastructure: Readonly<Record<string, number>>;

  private constructor(system: MeasuredSystem, { stack, sink }: Place) {
    this.system = system;
    this.generator = new Generator(system.ordersUrl);
    this.logDir = join(stack.dir, 'kafka', 'logs');
    this.infrastructure = { ...stack.infrastructure.pids, sink: sink.pid };
  }

  /** Starts a system and puts the products on sale. @param name its own among the runs of the place: letters and digits */
  static async begin(place: Place, contender: Contender, name: string): Promise<Run> {
    const system = await contender.start(name);
    await system.open(place.market.products, UNITS);
    return new Run(system, place);
  }

  /** Of the CPU of everything that works for the measurement from now on; the process that receives the spans is `sink`. */
  meter(): Meter {
    return new Meter({ ...this.system.pids(), ...this.infrastructure });
  }

  /** Checks that every accepted order had its effects once, and ends the system. */
  async judgeAndEnd(): Promise<Soundness> {
    const { accepted, refused } = this.generator;
    const verdict = judge(await readFacts(this.system, accepted, UNITS));
    const audit = await this.system.audit();
    await this.end();
    return { verdict, refused, audit, sound: isSound(verdict) && audit.ok };
  }

  async end(): Promise<void> {
    this.generator.close();
    await this.system.stop();
  }
}
