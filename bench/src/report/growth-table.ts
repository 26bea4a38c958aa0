import { tableOf } from '../../../ops/src/demo/table.ts';
import { wordsOf } from '../checks/verdict.ts';
import type { Figures } from '../figures.ts';
import { medianOf, ratioOf, spreadOf } from '../harness.ts';
import type { Growth } from '../phases/cost-growth.ts';

const cpuOf = (figures: Figures): number => figures['CPU ms an order']!;
const rateOf = (figures: Figures): number => figures['orders/s until all are settled']!;

/** A row for each size of what grows, behind whether the orders had their effects once: without that there is no figure. */
export function growthTable(system: string, { by, names, rounds, soundness }: Growth): string {
  const words = soundness.map(
    ({ verdict, refused, audit }) => `${wordsOf(verdict)}, ${refused} refused; the audit: ${audit.words}`,
  );
  const checked = [`${system}, by ${by}`, ...words].join('\n');
  if (!soundness.every(({ sound }) => sound)) return `${checked}\nunsound: no figure`;
  const rows = names.map((name, side) => [
    name,
    medianOf(rounds, side, cpuOf).toFixed(2),
    spreadOf(rounds, side, cpuOf, 2),
    ratioOf(rounds, side, cpuOf).toFixed(2),
    medianOf(rounds, side, rateOf).toFixed(1),
    spreadOf(rounds, side, rateOf, 1),
  ]);
  const heading = [by, 'CPU ms an order', 'spread', 'of the first', 'orders/s', 'spread'];
  return `${checked}\n${tableOf([heading, ...rows])}`;
}
