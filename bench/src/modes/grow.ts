import {
  type Growth,
  growthByKind,
  growthByMembers,
  growthByPastOrders,
  type GrowthSize,
} from '../phases/cost-growth.ts';
import type { Place } from '../phases/run.ts';
import { growthTable } from '../report/growth-table.ts';
import { writeFiles } from '../report/write-files.ts';
import type { Contender } from '../systems/measured-system.ts';
import { ours } from '../systems/ours.ts';

/**
 * Prints how the CPU of an order grows with its lines, with a shared SKU, with past orders and, of our system, with a second
 * member of each consumer group, and writes growth.json.
 * @returns whether every run was sound
 */
export async function grow(
  place: Place,
  systems: readonly Contender[],
  size: GrowthSize,
  out: string,
  about: object,
): Promise<boolean> {
  const { stack, sink } = place;
  const measured: (Growth & { readonly system: string })[] = [];
  const add = async (system: string, growth: Promise<Growth>) => {
    const grown = await Promise.race([growth, stack.broken]);
    console.log(`\n${growthTable(system, grown)}`);
    measured.push({ system, ...grown });
  };
  for (const [index, contender] of systems.entries()) {
    const { name } = contender;
    await add(name, growthByKind(place, contender, `g${index}kinds`, size));
    await add(name, growthByPastOrders(place, contender, `g${index}past`, size));
    if (name !== 'ours') continue;
    const sides = { '1 member': contender, '2 members': ours(stack, sink.url, 2) };
    await add(name, growthByMembers(place, sides, size));
  }
  writeFiles(out, { 'growth.json': `${JSON.stringify({ ...about, size, measured }, undefined, 2)}\n` });
  return measured.every(({ soundness }) => soundness.every(({ sound }) => sound));
}
