import { parseArgs } from 'node:util';
import { StartError } from '@orderflow/config';
import type { Pair } from './pair.js';
import { progressOn, type Terminal } from './progress.js';
import type { Rebuild, Rebuilt, RebuildWords } from './rebuild.js';
import type { RebuiltSnapshots, SnapshotRebuild } from './snapshot-rebuild.js';

const options = {
  undo: { type: 'boolean', default: false },
  drop: { type: 'boolean', default: false },
  yes: { type: 'boolean', default: false },
} as const;

/** What a service can rebuild. */
interface Targets {
  readonly rebuilds: readonly Pick<Rebuild, 'table' | 'words' | 'run' | 'drop'>[];
  readonly snapshots: Pick<SnapshotRebuild, 'run'> | undefined;
}

const SNAPSHOTS = 'snapshots';
const nameOf = (table: string): string => table.replaceAll('_', '-');

/**
 * `rebuild READ-MODEL [--undo | --drop] [--yes]` or `rebuild snapshots [--yes]` of a service's program: its progress goes to
 * `terminal`, the result is printed.
 */
export async function rebuildCommand(
  { rebuilds, snapshots }: Targets,
  args: readonly string[],
  print: (line: string) => unknown,
  terminal: Terminal,
): Promise<void> {
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
  const { undo, drop, yes } = values;
  if (snapshots && positionals.join(' ') === SNAPSHOTS) {
    if (undo || drop) throw new StartError('snapshots are replaced in their table: there is no other one');
    for (const line of replacedLines(await snapshots.run(!yes, progressOn(terminal)), yes)) print(line);
    return;
  }
  const rebuild = rebuilds.find(({ table }) => nameOf(table) === positionals[0]);
  const names = [...rebuilds.map(({ table }) => nameOf(table)), ...(snapshots ? [SNAPSHOTS] : [])];
  if (rebuild === undefined || positionals.length !== 1) throw new StartError(`name one of ${names.join(', ')}`);
  if (undo && drop) throw new StartError('--undo and --drop exclude each other');
  if (drop) {
    for (const line of droppedLines(await rebuild.drop(!yes), yes)) print(line);
    return;
  }
  const result = await rebuild.run(undo ? 'replaced' : 'rebuild', !yes, progressOn(terminal));
  for (const line of linesOf(result, rebuild, undo)) print(line);
}

const droppedLines = (names: readonly string[], isDone: boolean): string[] => {
  if (names.length === 0) return ['There is no other table than the live one.'];
  return [isDone ? `Dropped: ${names.join(', ')}.` : `Nothing was changed (dry run): --yes drops ${names.join(', ')}.`];
};

const hex = (checksum: bigint): string => BigInt.asUintN(64, checksum).toString(16).padStart(16, '0');

function linesOf(
  rebuilt: Rebuilt,
  { table, words }: { table: string; words: RebuildWords },
  isUndo: boolean,
): string[] {
  const { compared, checksums, wrong, lacking, named, kept, unexplained, isSwitched } = rebuilt;
  const [live, other] = checksums.map(hex);
  const more = wrong + lacking - named.length;
  return [
    `${compared} ${words.compared}. Checksum of the live ones ${live}, of the others ${other}.`,
    `${words.wrong}: ${wrong}. ${words.lacking}: ${lacking}.`,
    ...named.map(lineOf),
    ...(more > 0 ? [`  and ${more} more`] : []),
    ...(kept > 0 ? [`${words.kept}: ${kept} rows.`] : []),
    ...(unexplained.length > 0 ? [`  among them, placed within the last day: ${unexplained.join(', ')}`] : []),
    ...(isSwitched
      ? [`Switched. The table before is kept as ${isUndo ? 'rebuild' : 'replaced'}.${table} until --drop.`]
      : ['Nothing was switched (dry run): --yes switches to the other table.']),
  ];
}

function replacedLines(rebuilt: RebuiltSnapshots, isDone: boolean): string[] {
  const { compared, wrong, named, unexplained, replaced } = rebuilt;
  const more = wrong - named.length;
  return [
    `${compared} snapshots were compared with the folds of their events. Not equal, or missing: ${wrong}.`,
    ...named.map(lineOf),
    ...(more > 0 ? [`  and ${more} more`] : []),
    ...(unexplained.length > 0 ? [`Kept, since their history has no beginning: ${unexplained.join(', ')}`] : []),
    isDone ? `Replaced: ${replaced}.` : 'Nothing was replaced (dry run): --yes replaces them.',
  ];
}

/** The differing columns of a row. */
function lineOf({ key, live, rebuilt }: Pair): string {
  if (rebuilt === null) return `  ${key}: in the live table alone, ${JSON.stringify(live)}`;
  if (live === null) return `  ${key}: no row, rebuilt ${JSON.stringify(rebuilt)}`;
  const after: Readonly<Record<string, unknown>> = { ...rebuilt };
  const before: Readonly<Record<string, unknown>> = { ...live };
  const changed = Object.keys(before).filter((column) => before[column] !== after[column]);
  const text = changed.map((column) => `${column} ${String(before[column])}, rebuilt ${String(after[column])}`);
  return `  ${key}: ${text.join('; ')}`;
}
