import { tableOf } from '../../../ops/src/demo/table.ts';
import { wordsOf } from '../checks/verdict.ts';
import type { Rounds } from '../harness.ts';
import type { Kills } from '../phases/killed.ts';
import type { Turn } from '../phases/turn.ts';
import type { Contender } from '../systems/measured-system.ts';
import type { Workload } from '../workloads.ts';
import { figuresTable, soundnessOf } from './figures-table.ts';

interface Report {
  readonly systems: readonly Contender[];
  readonly workloads: readonly Workload[];
  readonly rounds: Rounds<Turn>;
  readonly kills: readonly Kills[];
}

/** Prints whether every turn was sound, then the figures of each workload, what became of the orders, and what is not promised. */
export function printReport({ systems, workloads, rounds, kills }: Report): void {
  const names = systems.map(({ name }) => name);
  console.log(`\n${soundnessOf(names, rounds)}`);
  for (const [index, { name }] of workloads.entries())
    console.log(`\norders ${name}\n${figuresTable(names, rounds, index)}`);
  const rows = kills.flatMap(({ name, verdicts }) =>
    Object.entries(verdicts).map(([victim, verdict]) => [name, victim, wordsOf(verdict)]),
  );
  console.log(`\nkilled in the middle of orders (SIGKILL)\n${tableOf([['system', 'service', 'orders'], ...rows])}`);
  for (const { name, audit } of kills) console.log(`${name}: the audit afterwards: ${audit.words}`);
  console.log('\nnot guaranteed:');
  for (const { name, lacks } of systems) console.log(`${name}: ${lacks.join('; ')}`);
}
