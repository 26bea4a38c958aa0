/** `orderflow rebuild`: builds a read model anew beside the live one, compares the two, and switches. */
import { parseArgs } from 'node:util';
import type { Service } from '@orderflow/contracts';
import { SetupError } from '@orderflow/local';
import { runProgram, systemVariables } from './service-program.ts';

/** The service of each read model. */
const services: Readonly<Record<string, Service>> = { 'order-views': 'orders' };
const names = Object.keys(services).join(', ');

export const usage = `Usage: orderflow rebuild READ-MODEL [--undo | --drop] [--yes]

Builds a read model anew from the topics in a table beside the live one, and compares the two: a live row that differs is
named. Without --yes it ends there, and nothing that is read has changed. With --yes the new table takes the place of the live one
in one transaction. Services go on meanwhile. A run that was ended goes on where it was: run it again.

  READ-MODEL  ${names}
  --undo      goes back to the table that was live before the last switch, once it has caught up
  --drop      drops the tables that are not live: the one before the switch, and one that is being built
  --yes       switches, or drops

${systemVariables}`;

export async function main(args: readonly string[]): Promise<number> {
  const option = { type: 'boolean', default: false } as const;
  const options = { undo: option, drop: option, yes: option };
  const { positionals, values } = parseArgs({ args: [...args], options, allowPositionals: true });
  const [name = '', ...more] = positionals;
  if (!Object.hasOwn(services, name) || more.length > 0)
    throw new SetupError(`Name one read model: ${names}. See orderflow rebuild --help.`);
  const flags = (['undo', 'drop', 'yes'] as const).filter((flag) => values[flag]).map((flag) => `--${flag}`);
  return runProgram(services[name]!, 'rebuild', name, ...flags);
}
