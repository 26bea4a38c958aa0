/** `orderflow rebuild`: builds a read model anew beside the live one, compares the two, and switches; or mends snapshots. */
import { parseArgs } from 'node:util';
import { SetupError } from '@orderflow/local';
import { runAsOwner, runProgram, systemVariables } from './service-program.ts';

/** The program of each read model, of the journal, and of the snapshots. */
export const programs = { 'order-views': 'orders', journal: 'console', snapshots: 'orders' } as const;
const isName = (name: string): name is keyof typeof programs => Object.hasOwn(programs, name);

export const usage = `Usage: orderflow rebuild order-views [--undo | --drop] [--yes]
       orderflow rebuild journal [--undo | --drop] [--yes]
       orderflow rebuild snapshots [--yes]

order-views: builds the read model anew from the topics in a table beside the live one, and compares the two: a live row that
differs is named. Without --yes it ends there, and nothing that is read has changed. With --yes the new table takes the place of
the live one in one transaction. A run that was ended goes on where it was: run it again.

journal: the same for the records, orders and search terms of the console. Records that the topics no longer hold are taken from
the live journal, and counted.

snapshots: compares the state of each order with the fold of its events, and names those that differ. With --yes they are
replaced in their table, each under the lock of its order.

Services go on meanwhile. order-views and journal make tables: DATABASE_URL names the login that owns those of the program, which
is that of the migrations. In a system that \`npm start -- --secure\` keeps up it is used by itself.

  --undo      goes back to the table that was live before the last switch, once it has caught up
  --drop      drops the tables that are not live: the one before the switch, and one that is being built
  --yes       switches, drops or replaces

${systemVariables}`;

export async function main(args: readonly string[]): Promise<number> {
  const option = { type: 'boolean', default: false } as const;
  const options = { undo: option, drop: option, yes: option };
  const { positionals, values } = parseArgs({ args: [...args], options, allowPositionals: true });
  const [name = '', ...more] = positionals;
  if (!isName(name) || more.length > 0)
    throw new SetupError(`Name one of ${Object.keys(programs).join(', ')}. See orderflow rebuild --help.`);
  const flags = (['undo', 'drop', 'yes'] as const).filter((flag) => values[flag]).map((flag) => `--${flag}`);
  if (name === 'snapshots') return runProgram(programs[name], 'rebuild', name, ...flags);
  return runAsOwner(programs[name], 'rebuild', name, ...flags);
}
