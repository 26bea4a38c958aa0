import { describe, expect, it } from '@jest/globals';
import { recoverCommand } from './recover-command.js';
import type { Recovered } from './recovery.js';

const nothing: Recovered = { found: new Map(), between: undefined, decidedFirst: new Map() };
const some: Recovered = {
  found: new Map([
    ['OrderPlaced', 200],
    ['OrderConfirmed', 7],
  ]),
  between: ['2026-11-01T12:00:00.000Z', '2026-11-01T13:00:00.000Z'],
  decidedFirst: new Map([['StockReserved', 12]]),
};

/** Runs the command on a recovery that finds this. @returns its output, and with which arguments it recovered */
async function run(recovered: Recovered, ...args: string[]) {
  const lines: string[] = [];
  const calls: unknown[][] = [];
  const recover = async (...given: unknown[]) => {
    calls.push(given);
    return recovered;
  };
  await recoverCommand({ recover }, args, (line) => lines.push(line));
  return { output: lines.join('\n'), calls };
}

describe('the recovery of a service', () => {
  it('is a dry run that reads from the oldest record on, unless it is told otherwise', async () => {
    const { output, calls } = await run(some);
    expect(calls).toEqual([['earliest', true]]);
    expect(output).toContain('     200  OrderPlaced\n         7  OrderConfirmed\n');
    expect(output).toContain('from 2026-11-01T12:00:00.000Z to 2026-11-01T13:00:00.000Z');
    expect(output).toContain('Nothing was changed');
  });

  it('takes events back with --yes, from the time that is given', async () => {
    const { output, calls } = await run(some, '--yes', '--from', '2026-11-01T11:00:00Z');
    expect(calls).toEqual([[new Date('2026-11-01T11:00:00Z'), false]]);
    expect(output).toContain('Done');
  });

  it('says that nothing is missing', async () => {
    const { output } = await run(nothing);
    expect(output).toContain('holds every event');
    expect(output).not.toContain('Not consumed');
  });

  it('says which events of others it decides before the service starts', async () => {
    expect((await run(some)).output).toContain('decided before the service starts:\n        12  StockReserved\n');
  });

  it.each(['yesterday', '2026-11-01T11:00:00'])('refuses the time %s: it names no moment', async (from) => {
    await expect(run(some, '--from', from)).rejects.toThrow('--from is "earliest" or a time with its zone');
  });
});
