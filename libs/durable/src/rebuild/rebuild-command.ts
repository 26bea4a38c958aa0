import { parseArgs } from 'node:util';
import { StartError } from '@orderflow/config';
import type { Pair } from './comparison.js';
import { progressOn, type Terminal } from './progress.js';
import type { Rebuild, Rebuilt } from './rebuild.js';

const options = {
  undo: { type: 'boolean', default: false },
  drop: { type: 'boolean', default: false },
  yes: { type: 'boolean', default: false },
} as const;

const nameOf = (table: string): string => table.replaceAll('_', '-');

/** `rebuild READ-MODEL [--undo | --drop] [--yes]` of a service's program: its progress goes to `terminal`, the result is printed. */
export async function rebuildCommand(
  rebuilds: readonly Pick<Rebuild, 'table' | 'run' | 'drop'>[],
  args: readonly string[],
  print: (line: string) => void,
  terminal: Terminal,
): Promise<void> {
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
  const { undo, drop, yes } = values;
  const rebuild = rebuilds.find(({ table }) => nameOf(table) === positionals[0]);
  if (rebuild === undefined || positionals.length !== 1)
    throw new StartError(`name one read model: ${rebuilds.map(({ table }) => nameOf(table)).join(', ')}`);
  if (undo && drop) throw new StartError('--undo and --drop exclude each other');
  if (drop) {
    for (const line of droppedLines(await rebuild.drop(!yes), yes)) print(line);
    return;
  }
  const result = await rebuild.run(undo ? 'replaced' : 'rebuild', !yes, progressOn(terminal));
  for (const line of linesOf(result, rebuild.table, undo)) print(line);
}

const droppedLines = (names: readonly string[], isDone: boolean): string[] => {
  if (names.length === 0) return ['There is no other table than the live one.'];
  return [isDone ? `Dropped: ${names.join(', ')}.` : `Nothing was changed (dry run): --yes drops ${names.join(', ')}.`];
};

const hex = (checksum: bigint): string => BigInt.asUintN(64, checksum).toString(16).padStart(16, '0');

function linesOf(rebuilt: Rebuilt, table: string, isUndo: boolean): string[] {
  const { compared, checksums, wrong, lacking, named, kept, unexplained, isSwitched } = rebuilt;
  const [live, other] = checksums.map(hex);
  const more = wrong + lacking - named.length;
  return [
    `${compared} rows have the same version vector in both tables. Checksum of the live ones ${live}, of the others ${other}.`,
    `Live rows with another content: ${wrong}. Live rows that lack a consumed event: ${lacking}.`,
    ...named.map(lineOf),
    ...(more > 0 ? [`  and ${more} more`] : []),
    ...(kept > 0 ? [`Taken from the live table, since the topics do not hold all of their events: ${kept} rows.`] : []),
    ...(unexplained.length > 0 ? [`  among them, placed within the last day: ${unexplained.join(', ')}`] : []),
    ...(isSwitched
      ? [`Switched. The table before is kept as ${isUndo ? 'rebuild' : 'replaced'}.${table} until --drop.`]
      : ['Nothing was switched (dry run): --yes switches to the other table.']),
  ];
}

/** The differing columns of a row. */
function lineOf({ key, live, rebuilt }: Pair): string {
  if (live === null) return `  ${key}: no row, rebuilt ${JSON.stringify(rebuilt)}`;
  const changed = Object.keys(live).filter((column) => live[column] !== rebuilt?.[column]);
  const text = changed.map((column) => `${column} ${String(live[column])}, rebuilt ${String(rebuilt?.[column])}`);
  return `  ${key}: ${text.join('; ')}`;
}
