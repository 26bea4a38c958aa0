/** `orderflow rebuild`: builds a read model anew beside the live one, compares the two, and switches; or mends snapshots. */
import { parseArgs } from 'node:util';
import type { Service } from '@orderflow/contracts';
import { SetupError } from '@orderflow/local';
import { runProgram, systemVariables } from './service-program.ts';

/** The service of each read model, and of the snapshots. */
const services: Readonly<Record<string, Service>> = { 'order-views': 'orders', snapshots: 'orders' };
const names = Object.keys(services).join(', ');

export const usage = `Usage: orderflow rebuild order-views [--undo | --drop] [--yes]
       orderflow rebuild snapshots [--yes]

order-views: builds the read model anew from the topics in a table beside the live one, and compares the two: a live row that
differs is named. Without --yes it ends there, and nothing that is read has changed. With --yes the new table takes the place of
the live one in one transaction. A run that was ended goes on where it was: run it again.

snapshots: compares the state of each order with the fold of its events, and names those that differ. With --yes they are
replaced in their table, each under the lock of its order.

Services go on meanwhile.

  --undo      goes back to the table that was live before the last switch, once it has caught up
  --drop      drops the tables that are not live: the one before the switch, and one that is being built
  --yes       switches, drops or replaces

${systemVariables}`;

export async function main(args: readonly string[]): Promise<number> {
  const option = { type: 'boolean', default: false } as const;
  const options = { undo: option, drop: option, yes: option };
  const { positionals, values } = parseArgs({ args: [...args], options, allowPositionals: true });
  const [name = '', ...more] = positionals;
  if (!Object.hasOwn(services, name) || more.length > 0)
    throw new SetupError(`Name one of ${names}. See orderflow rebuild --help.`);
  const flags = (['undo', 'drop', 'yes'] as const).filter((flag) => values[flag]).map((flag) => `--${flag}`);
  return runProgram(services[name]!, 'rebuild', name, ...flags);
}
