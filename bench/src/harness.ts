/** Shared by the measurements: options, rounds in alternating turns, medians with their spread, and a yardstick of the machine. */
import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { SetupError } from '@orderflow/local';
import { median } from './statistics.ts';

type Options<Defaults> = {
  readonly [Name in keyof Defaults]: Defaults[Name] extends boolean
    ? boolean
    : Defaults[Name] extends number
      ? number
      : string;
};

/**
 * The options of the command line: `{ warmUp: 100, assert: false }` allows `--warm-up 200` and `--assert`.
 * @param least the least value of numbers that need not be whole; the others are whole and above 0
 * @throws SetupError for another number, TypeError for an unknown option
 */
export function readOptions<const Defaults extends Readonly<Record<string, number | boolean | string>>>(
  defaults: Defaults,
  least: { readonly [Name in keyof Defaults]?: number } = {},
): Options<Defaults> {
  const flagOf = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const entries = Object.entries(defaults);
  const types = entries.map(([name, value]) => {
    const type: 'boolean' | 'string' = typeof value === 'boolean' ? 'boolean' : 'string';
    return [flagOf(name), { type }] as const;
  });
  const { values } = parseArgs({ options: Object.fromEntries(types) });
  const read = entries.map(([name, value]) => {
    const given = values[flagOf(name)] ?? value;
    return [name, typeof value === 'number' && given !== value ? numberOf(flagOf(name), given, least[name]) : given];
  });
  return Object.fromEntries(read) as Options<Defaults>;
}

function numberOf(name: string, given: unknown, least: number | undefined): number {
  const value = Number(given);
  if (least === undefined ? Number.isInteger(value) && value > 0 : Number.isFinite(value) && value >= least)
    return value;
  throw new SetupError(
    `--${name} must be ${least === undefined ? 'a whole number above 0' : `a number from ${least}`}.`,
  );
}

/** One of the things that are compared. */
export interface Side<Figures> {
  readonly name: string;
  /** @param round from 1; 0 for a round that is not counted */
  measure(round: number): Promise<Figures>;
}

/** Figures by round, and in it by side. */
export type Rounds<Figures> = readonly (readonly Figures[])[];

/**
 * Measures every side once in each round. Every other round begins with the last side: other work on the machine grows or
 * fades, and no side always has the better half of it.
 */
export async function inRounds<Figures>(rounds: number, sides: readonly Side<Figures>[]): Promise<Rounds<Figures>> {
  const measured: Figures[][] = [];
  for (let round = 1; round <= rounds; round++) {
    const figures: Figures[] = [];
    const turns = [...sides.keys()];
    for (const side of round % 2 === 1 ? turns : turns.toReversed()) figures[side] = await sides[side]!.measure(round);
    measured.push(figures);
  }
  return measured;
}

/** The same sides, each of which prints its figures at the end of its turn. */
export function printingTurns<Figures>(
  sides: readonly Side<Figures>[],
  wordsOf: (figures: Figures) => string,
): readonly Side<Figures>[] {
  const width = Math.max(...sides.map(({ name }) => name.length));
  return sides.map((side) => ({
    name: side.name,
    measure: async (round) => {
      const figures = await side.measure(round);
      const turn = round === 0 ? 'not counted' : `round ${round}`.padEnd(11);
      console.log(`${turn}  ${side.name.padEnd(width)}  ${wordsOf(figures)}`);
      return figures;
    },
  }));
}

/** The median of a side over all rounds. */
export function medianOf<Figures>(rounds: Rounds<Figures>, side: number, valueOf: (it: Figures) => number): number {
  return median(rounds.map((round) => valueOf(round[side]!)));
}

const ratiosOf = <Figures>(rounds: Rounds<Figures>, side: number, valueOf: (it: Figures) => number): number[] =>
  rounds.map((round) => valueOf(round[side]!) / valueOf(round[0]!));

/** The median of the ratios to the first side within each round: the load of the machine changes from round to round. */
export function ratioOf<Figures>(rounds: Rounds<Figures>, side: number, valueOf: (it: Figures) => number): number {
  return median(ratiosOf(rounds, side, valueOf));
}

/** The lowest and the highest of these ratios. */
export function ratioSpreadOf<Figures>(
  rounds: Rounds<Figures>,
  side: number,
  valueOf: (it: Figures) => number,
): string {
  return rangeOf(ratiosOf(rounds, side, valueOf), 2);
}

/** The lowest and the highest of a side: a smaller difference between medians is noise. */
export function spreadOf<Figures>(
  rounds: Rounds<Figures>,
  side: number,
  valueOf: (it: Figures) => number,
  digits = 0,
): string {
  return rangeOf(
    rounds.map((round) => valueOf(round[side]!)),
    digits,
  );
}

const rangeOf = (values: readonly number[], digits: number): string =>
  `${Math.min(...values).toFixed(digits)}–${Math.max(...values).toFixed(digits)}`;

const YARDSTICK_MB = 64;

/** SHA-256 of so many MiB/s on one core: fixed work, by which runs on a busy machine compare. */
export function hashMiBPerSecond(): number {
  const block = Buffer.alloc(1024 * 1024);
  const since = performance.now();
  const hash = createHash('sha256');
  for (let done = 0; done < YARDSTICK_MB; done++) hash.update(block);
  hash.digest();
  return YARDSTICK_MB / ((performance.now() - since) / 1000);
}

/** A line with the speed of this machine: figures of two runs compare only where it is about the same. */
export function yardstick(): string {
  return `yardstick: ${availableParallelism()} cores, Node ${process.versions.node}, SHA-256 of ${hashMiBPerSecond().toFixed(0)} MiB/s on one core`;
}
