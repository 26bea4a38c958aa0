import { parseArgs } from 'node:util';
import { StartError } from '@orderflow/config';
import { countLines, positionOf } from './arguments.js';
import type { Republish, Republished } from './republish.js';

const options = { since: { type: 'string' }, yes: { type: 'boolean', default: false } } as const;

/** `republish --since POSITION [--yes]` of a service's program: a dry run, or the events go to the outbox again. */
export async function republishCommand(
  republish: Pick<Republish<never>, 'run'>,
  args: readonly string[],
  print: (line: string) => void,
): Promise<void> {
  const { since, yes } = parseArgs({ args: [...args], options }).values;
  if (since === undefined)
    throw new StartError('--since is missing: a time before the oldest event that a consumer may lack');
  const republished = await republish.run(positionOf(since, '--since'), !yes);
  for (const line of linesOf(republished)) print(line);
  if (yes) print('Done: start the service, which publishes these events again, then run the audit.');
  else print('Nothing was changed (dry run): --yes puts these events into the outbox.');
}

function linesOf({ found, unkept, unreadable }: Republished): string[] {
  const lines =
    found.size === 0 ? ['The database keeps no event since then.'] : ['To be published again:', ...countLines(found)];
  if (unkept > 0)
    lines.push(`Published by an older version, which kept no ids, and cannot be published again: ${unkept} events.`);
  if (unreadable.length > 0)
    lines.push('Cannot be published by this version:', ...unreadable.map((line) => `  ${line}`));
  return lines;
}
