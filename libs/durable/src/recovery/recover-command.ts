import { parseArgs } from 'node:util';
import { StartError } from '@orderflow/config';
import type { Recovered, Recovery } from './recovery.js';

interface Request {
  readonly from: 'earliest' | Date;
  readonly yes: boolean;
}

/** @throws StartError for arguments that it does not know */
function readRequest(args: readonly string[]): Request {
  const options = { from: { type: 'string', default: 'earliest' }, yes: { type: 'boolean', default: false } } as const;
  const { from, yes } = parseArgs({ args: [...args], options }).values;
  if (from === 'earliest') return { from, yes };
  const since = new Date(from);
  // Without a zone the same text is another moment on another machine.
  if (!/^\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:\d\d)$/.test(from) || Number.isNaN(since.getTime()))
    throw new StartError('--from is "earliest" or a time with its zone, such as 2026-11-21T12:00:00Z');
  return { from: since, yes };
}

/** `recover [--from POSITION] [--yes]` of a service's program: a dry run, or the recovery. */
export async function recoverCommand(
  recovery: Pick<Recovery<never>, 'recover'>,
  args: readonly string[],
  print: (line: string) => void,
): Promise<void> {
  const { from, yes } = readRequest(args);
  const recovered = await recovery.recover(from, !yes);
  for (const line of linesOf(recovered)) print(line);
  if (yes) print('Done: start the service, then run the audit.');
  else print('Nothing was changed (dry run): --yes takes these events back.');
}

function linesOf({ found, between }: Recovered): string[] {
  if (between === undefined) return ['The database holds every event that the service has published.'];
  const counts = [...found].map(([type, count]) => `  ${String(count).padStart(8)}  ${type}`);
  return ['Published, and not in the database:', ...counts, `  from ${between[0]} to ${between[1]}`];
}
