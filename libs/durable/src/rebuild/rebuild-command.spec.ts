import { describe, expect, it } from '@jest/globals';
import { rebuildCommand } from './rebuild-command.js';
import type { Rebuild, Rebuilt } from './rebuild.js';
import type { SnapshotRebuild } from './snapshot-rebuild.js';

const clean: Rebuilt = {
  compared: 3,
  checksums: [-1n, -1n],
  wrong: 0,
  lacking: 0,
  named: [],
  kept: 0,
  unexplained: [],
  isSwitched: false,
};

const snapshots: Pick<SnapshotRebuild, 'run'> = {
  run: async (isDryRun) => ({
    compared: 9,
    wrong: 3,
    named: [
      { key: 'a', live: { status: 'placed', version: 1 }, rebuilt: { status: 'confirmed', version: 2 } },
      { key: 'b', live: null, rebuilt: { status: 'placed' } },
    ],
    unexplained: ['c'],
    replaced: isDryRun ? 0 : 3,
  }),
};

const words = {
  compared: 'rows have the same version vector in both tables',
  wrong: 'Live rows with another content',
  lacking: 'Live rows that lack a consumed event',
  kept: 'Taken from the live table, since the topics do not hold all of their events',
};

/** The lines that a command prints, and what it asked for. */
async function run(args: readonly string[], rebuilt: Partial<Rebuilt> = {}) {
  const asked: unknown[] = [];
  const printed: string[] = [];
  const rebuild: Pick<Rebuild, 'table' | 'words' | 'run' | 'drop'> = {
    table: 'order_views',
    words,
    run: async (beside, isDryRun) => {
      asked.push([beside, isDryRun]);
      return { ...clean, isSwitched: !isDryRun, ...rebuilt };
    },
    drop: async (isDryRun) => {
      asked.push(['drop', isDryRun]);
      return ['rebuild.order_views'];
    },
  };
  await rebuildCommand({ rebuilds: [rebuild], snapshots }, args, (line) => printed.push(line), {
    write: () => undefined,
  });
  return { asked, printed };
}

describe('the command rebuild', () => {
  it('only compares without --yes', async () => {
    const { asked, printed } = await run(['order-views']);
    expect(asked).toEqual([['rebuild', true]]);
    expect(printed).toEqual([
      '3 rows have the same version vector in both tables. Checksum of the live ones ffffffffffffffff, of the others ffffffffffffffff.',
      'Live rows with another content: 0. Live rows that lack a consumed event: 0.',
      'Nothing was switched (dry run): --yes switches to the other table.',
    ]);
  });

  it('names each wrong row with the columns that differ, and how many it does not name', async () => {
    const named = [
      { key: 'a', live: { status: 'cancelled', stock: 'held' }, rebuilt: { status: 'confirmed', stock: 'held' } },
      { key: 'b', live: null, rebuilt: { status: 'placed' } },
      { key: 'd', live: { status: 'placed' }, rebuilt: null },
    ];
    const { printed } = await run(['order-views', '--yes'], {
      wrong: 3,
      lacking: 1,
      named,
      kept: 4,
      unexplained: ['c'],
    });
    expect(printed.slice(1)).toEqual([
      'Live rows with another content: 3. Live rows that lack a consumed event: 1.',
      '  a: status cancelled, rebuilt confirmed',
      '  b: no row, rebuilt {"status":"placed"}',
      '  d: in the live table alone, {"status":"placed"}',
      '  and 1 more',
      'Taken from the live table, since the topics do not hold all of their events: 4 rows.',
      '  among them, placed within the last day: c',
      'Switched. The table before is kept as replaced.order_views until --drop.',
    ]);
  });

  it('goes back with --undo, and drops with --drop', async () => {
    expect((await run(['order-views', '--undo', '--yes'])).asked).toEqual([['replaced', false]]);
    expect(await run(['order-views', '--drop'])).toEqual({
      asked: [['drop', true]],
      printed: ['Nothing was changed (dry run): --yes drops rebuild.order_views.'],
    });
    expect((await run(['order-views', '--drop', '--yes'])).printed).toEqual(['Dropped: rebuild.order_views.']);
  });

  it('compares snapshots, and replaces them with --yes', async () => {
    const { printed } = await run(['snapshots']);
    expect(printed).toEqual([
      '9 snapshots were compared with the folds of their events. Not equal, or missing: 3.',
      '  a: status placed, rebuilt confirmed; version 1, rebuilt 2',
      '  b: no row, rebuilt {"status":"placed"}',
      '  and 1 more',
      'Kept, since their history has no beginning: c',
      'Nothing was replaced (dry run): --yes replaces them.',
    ]);
    expect((await run(['snapshots', '--yes'])).printed.at(-1)).toBe('Replaced: 3.');
  });

  it.each([
    [[]],
    [['journal']],
    [['order-views', 'order-views']],
    [['order-views', '--undo', '--drop']],
    [['snapshots', '--undo']],
    [['snapshots', 'order-views']],
  ])('refuses %j in one line', async (args) => {
    await expect(run(args)).rejects.toMatchObject({ name: 'StartError' });
  });
});
