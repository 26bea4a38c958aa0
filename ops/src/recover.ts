/** `orderflow recover`: takes back what a service has published and its restored database does not hold. */
import { parseArgs } from 'node:util';
import { services } from '@orderflow/contracts';
import { oneService, runProgram, systemVariables } from './service-program.ts';

export const usage = `Usage: orderflow recover SERVICE [--from POSITION] [--yes]

After the database of a service was restored to an earlier point: makes the events that the service has published since
part of its state again, from its own topics. Without --yes it is a dry run: it prints what is missing and changes nothing.
Stop every instance of the service first. Afterwards the service consumes by itself what others have published since.

  SERVICE          ${services.join(', ')}
  --from POSITION  earliest (the default), or a time before the restored point, such as 2026-11-21T12:00:00Z
  --yes            takes the events back

${systemVariables}`;

export async function main(args: readonly string[]): Promise<number> {
  const options = { from: { type: 'string', default: 'earliest' }, yes: { type: 'boolean', default: false } } as const;
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
  const service = oneService(positionals, 'recover');
  return runProgram(service, 'recover', '--from', values.from, ...(values.yes ? ['--yes'] : []));
}
