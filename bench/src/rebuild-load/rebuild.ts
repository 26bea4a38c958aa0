import type { ChildProcess } from 'node:child_process';
import {
  connected,
  databaseUrlOf,
  newSecrets,
  outcomeOf,
  type Secrets,
  spawnGuarded,
  type TemporaryStack,
} from '@orderflow/local';
import { root } from '../../../ops/src/demo/running-system.ts';
import { programs } from '../../../ops/src/rebuild.ts';
import { argumentsOf, envOf } from '../../../ops/src/service-program.ts';
import type { Prefixes } from '../cost/own-system.ts';
import type { Name, Target } from './targets.ts';
import { progressIn, type Result, resultIn } from './words.ts';

/** A rebuild that was killed in each of its phases, and run to its end. */
export interface Rebuilt extends Result {
  readonly kills: number;
  /** Of all runs, and of the last one. */
  readonly seconds: number;
  readonly lastSeconds: number;
}

const secondsSince = (since: number): number => (performance.now() - since) / 1000;

/** Carries out rebuilds of a system. */
export class Rebuilds {
  private readonly databaseServer: string;
  private readonly databasePrefix: string;
  private readonly envs: Readonly<Record<(typeof programs)[Name], NodeJS.ProcessEnv>>;

  private constructor({ infrastructure }: TemporaryStack, prefixes: Prefixes, secrets: Secrets) {
    const settings = { infrastructure, ...prefixes, secrets };
    this.databaseServer = infrastructure.databaseUrl;
    this.databasePrefix = prefixes.databasePrefix;
    this.envs = { orders: envOf('orders', settings), console: envOf('console', settings) };
  }

  static async of(stack: TemporaryStack, prefixes: Prefixes): Promise<Rebuilds> {
    // Nothing is placed or charged: any valid secrets do.
    return new Rebuilds(stack, prefixes, await newSecrets());
  }

  databaseUrlOf(name: Name): string {
    return databaseUrlOf(this.databaseServer, this.databasePrefix + programs[name]);
  }

  /** @param orderIds orders whose rows are made wrong before, in the order of their ids */
  async killedAndResumed({ name, plant, kills }: Target, orderIds: readonly string[]): Promise<Rebuilt> {
    const databaseUrl = this.databaseUrlOf(name);
    await connected(databaseUrl, async (client) => client.query(plant, [orderIds]));
    const began = performance.now();
    for (const kill of kills) {
      const errors = await kill(() => this.start(name, '--yes'), { databaseUrl, planted: orderIds });
      const { phase, done, total } = progressIn(errors) ?? { phase: 'first page', done: 0, total: 0 };
      console.log(`${name}: killed in ${phase}, at ${done} of ${total}`);
    }
    const lastBegan = performance.now();
    const result = await this.result(name, '--yes');
    return { ...result, kills: kills.length, seconds: secondsSince(began), lastSeconds: secondsSince(lastBegan) };
  }

  /** A dry run. */
  async compared(name: Name): Promise<Result> {
    return this.result(name);
  }

  /** @throws Error with what it has written, when it fails */
  private async result(name: Name, ...flags: readonly string[]): Promise<Result> {
    const { code, output, errors } = await outcomeOf(this.start(name, ...flags));
    if (code !== 0) throw new Error(`rebuild ${name} exits with ${code}: ${output}${errors}`);
    return resultIn(output);
  }

  /** The program itself: of `orderflow rebuild` a SIGKILL would end only the parent. */
  private start(name: Name, ...flags: readonly string[]): ChildProcess {
    const program = programs[name];
    return spawnGuarded(process.execPath, argumentsOf(program, ['rebuild', name, ...flags]), {
      cwd: root,
      env: this.envs[program],
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }
}
