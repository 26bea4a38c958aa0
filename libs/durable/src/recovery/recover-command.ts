import { parseArgs } from 'node:util';
import { countLines, positionOf } from './arguments.js';
import type { Recovered, Recovery } from './recovery.js';

const options = { from: { type: 'string', default: 'earliest' }, yes: { type: 'boolean', default: false } } as const;

/** `recover [--from POSITION] [--yes]` of a service's program: a dry run, or the recovery. */
export async function recoverCommand(
  recovery: Pick<Recovery<never>, 'recover'>,
  args: readonly string[],
  print: (line: string) => void,
): Promise<void> {
  const { from, yes } = parseArgs({ args: [...args], options }).values;
  const recovered = await recovery.recover(positionOf(from, '--from'), !yes);
  for (const line of linesOf(recovered)) print(line);
  if (yes) print('Done: start the service, then run the audit.');
  else print('Nothing was changed (dry run): --yes takes these events back.');
}

function linesOf({ found, between, decidedFirst }: Recovered): string[] {
  return [
    ...(between === undefined
      ? ['The database holds every event that the service has published.']
      : ['Published, and not in the database:', ...countLines(found), `  from ${between[0]} to ${between[1]}`]),
    ...(decidedFirst.size === 0
      ? []
      : ['Not consumed, and decided before the service starts:', ...countLines(decidedFirst)]),
  ];
}
