/** `orderflow republish`: publishes again what a service has published and the broker has lost. */
import { parseArgs } from 'node:util';
import { services } from '@orderflow/contracts';
import { SetupError } from '@orderflow/local';
import { oneService, runProgram, systemVariables } from './service-program.ts';

export const usage = `Usage: orderflow republish SERVICE --since POSITION [--yes]

After the broker has lost records of a service (a topic was deleted and created again, a disk is gone): puts the events that
the service has published since then into its outbox again, from its database, with the same ids. Once the service is started
it publishes them, and each consumer drops those that it knows. Without --yes it is a dry run: it counts the events and changes
nothing. Stop every instance of the service first.

  SERVICE           ${services.join(', ')}
  --since POSITION  a time before the oldest event that a consumer may not have read, such as 2026-11-21T12:00:00Z, or
                    earliest
  --yes             puts the events into the outbox, and lets the service publish again

${systemVariables}`;

export async function main(args: readonly string[]): Promise<number> {
  const options = { since: { type: 'string' }, yes: { type: 'boolean', default: false } } as const;
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
  const service = oneService(positionals, 'republish');
  if (values.since === undefined) throw new SetupError('--since is missing. See orderflow republish --help.');
  return runProgram(service, 'republish', '--since', values.since, ...(values.yes ? ['--yes'] : []));
}
