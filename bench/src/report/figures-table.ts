import { tableOf } from '../../../ops/src/demo/table.ts';
import { wordsOf } from '../checks/verdict.ts';
import type { Figures } from '../figures.ts';
import type { Rounds } from '../harness.ts';
import type { Turn } from '../phases/turn.ts';
import { median } from '../statistics.ts';

/** Figures that are judged by eye need no more digits than this. */
function printed(value: number): string {
  if (!Number.isFinite(value)) return '–';
  return value.toFixed(Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2);
}

/** The median of some rounds, and behind it the lowest and the highest. */
function spread(values: readonly number[]): string {
  if (values.length <= 1) return printed(values[0] ?? NaN);
  return `${printed(median(values))} (${printed(Math.min(...values))}–${printed(Math.max(...values))})`;
}

/** The turns of one system. */
const turnsOf = (rounds: Rounds<Turn>, side: number): Turn[] => rounds.map((round) => round[side]!);

/** One line for each turn: whether every order had its effects once. */
export function soundnessOf(names: readonly string[], rounds: Rounds<Turn>): string {
  const rows = names.flatMap((name, side) =>
    turnsOf(rounds, side).map(({ verdict, refused, audit, yardstickMiBPerSecond }, round) => [
      name,
      `${round + 1}`,
      wordsOf(verdict) + (refused > 0 ? `, ${refused} refused` : ''),
      audit.words,
      yardstickMiBPerSecond.toFixed(0),
    ]),
  );
  return tableOf([['system', 'round', 'orders', 'audit', 'yardstick, MiB/s'], ...rows]);
}

/** The medians of a system over its turns; none when one of them was unsound. */
export function mediansOf(rounds: Rounds<Turn>, side: number, workload: number): Figures | undefined {
  const turns = turnsOf(rounds, side);
  if (!turns.every(({ sound }) => sound)) return undefined;
  const figures = turns.map((turn) => turn.figures[workload]!);
  const names = new Set(figures.flatMap((it) => Object.keys(it)));
  return Object.fromEntries([...names].map((name) => [name, median(figures.map((it) => it[name] ?? NaN))]));
}

/** The figures of one workload, a column for each system. A system with an unsound turn has none. */
export function figuresTable(names: readonly string[], rounds: Rounds<Turn>, workload: number): string {
  const columns = names.map((_, side) => {
    const turns = turnsOf(rounds, side);
    return turns.every(({ sound }) => sound) ? turns.map(({ figures }) => figures[workload]!) : [];
  });
  const rows = [...new Set(columns.flat().flatMap((figures) => Object.keys(figures)))];
  const cells = rows.map((row) => [
    row,
    ...columns.map((turns) => (turns.length === 0 ? 'unsound: no figure' : spread(turns.map((it) => it[row] ?? NaN)))),
  ]);
  return tableOf([['figure', ...names], ...cells]);
}
