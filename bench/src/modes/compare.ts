import { wordsOf } from '../checks/verdict.ts';
import { inRounds, type Rounds, type Side } from '../harness.ts';
import { killEach, type Kills, type KillSize, survived } from '../phases/killed.ts';
import type { Place } from '../phases/run.ts';
import { takeTurn, type Turn, type TurnSize } from '../phases/turn.ts';
import { mediansOf } from '../report/figures-table.ts';
import { type Bar, plotOf } from '../report/plot.ts';
import { printReport } from '../report/print-report.ts';
import { writeFiles } from '../report/write-files.ts';
import type { Contender } from '../systems/measured-system.ts';
import type { Workload } from '../workloads.ts';

export type CompareSize = TurnSize & KillSize & { readonly rounds: number };

/** A bar for each system that was sound, by workload. */
const barsOf = (systems: readonly Contender[], workloads: readonly Workload[], rounds: Rounds<Turn>): Bar[] =>
  workloads.flatMap((workload, index) =>
    systems.flatMap(({ name }, side) => {
      const figures = mediansOf(rounds, side, index);
      return figures === undefined ? [] : [{ name: `${name}, ${workload.name}`, figures }];
    }),
  );

/** Every system takes its turns, and is then killed in parts. */
async function measure(place: Place, systems: readonly Contender[], size: CompareSize) {
  const { broken } = place.stack;
  const sides = systems.map((contender, index): Side<Turn> => {
    const { name } = contender;
    const turnOf = async (round: number): Promise<Turn> => {
      const turn = await Promise.race([takeTurn(place, contender, `r${round}s${index}`, size), broken]);
      console.log(`round ${round}: ${name}: ${wordsOf(turn.verdict)}`);
      return turn;
    };
    return { name, measure: turnOf };
  });
  const rounds = await inRounds(size.rounds, sides);
  const kills: Kills[] = [];
  for (const [index, contender] of systems.entries())
    kills.push(await Promise.race([killEach(place, contender, `k${index}`, size), broken]));
  return { rounds, kills };
}

/**
 * Compares systems, prints the tables, and writes bench.json and bench.svg.
 * @param about what stands in bench.json beside the figures
 * @returns whether our system, where it takes part, was sound in every turn and survived the kills
 */
export async function compare(
  place: Place,
  systems: readonly Contender[],
  size: CompareSize,
  out: string,
  about: object,
): Promise<boolean> {
  const { rounds, kills } = await measure(place, systems, size);
  const { workloads } = place.market;
  printReport({ systems, workloads, rounds, kills });
  const lacks = Object.fromEntries(systems.map((it) => [it.name, it.lacks]));
  writeFiles(out, {
    'bench.json': `${JSON.stringify({ ...about, size, lacks, rounds, kills }, undefined, 2)}\n`,
    'bench.svg': plotOf(barsOf(systems, workloads, rounds)),
  });
  const own = systems.findIndex(({ name }) => name === 'ours');
  return own === -1 || (rounds.every((round) => round[own]!.sound) && survived(kills[own]!));
}
