import { describe, expect, it } from '@jest/globals';
import { republishCommand } from './republish-command.js';
import type { Republished } from './republish.js';

const some: Republished = { found: new Map([['OrderPlaced', 200]]), unkept: 0, unreadable: [] };

/** Runs the command on a database that keeps this. @returns its output, and with which arguments it was run */
async function run(republished: Republished, ...args: string[]) {
  const lines: string[] = [];
  const calls: unknown[][] = [];
  const runIt = async (...given: unknown[]) => {
    calls.push(given);
    return republished;
  };
  await republishCommand({ run: runIt }, args, (line) => lines.push(line));
  return { output: lines.join('\n'), calls };
}

describe('the republishing of a service', () => {
  it('is a dry run, unless it is told otherwise', async () => {
    const { output, calls } = await run(some, '--since', 'earliest');
    expect(calls).toEqual([['earliest', true]]);
    expect(output).toBe(
      'To be published again:\n       200  OrderPlaced\nNothing was changed (dry run): --yes puts these events into the outbox.',
    );
  });

  it('publishes again with --yes, from the time that is given', async () => {
    const { output, calls } = await run(some, '--since', '2026-11-01T12:00:00+01:00', '--yes');
    expect(calls).toEqual([[new Date('2026-11-01T11:00:00Z'), false]]);
    expect(output).toContain('Done');
  });

  it('tells what cannot be published again', async () => {
    const { output } = await run(
      { ...some, unkept: 3, unreadable: ['OrderPlaced 1 of x: too old'] },
      '--since',
      'earliest',
    );
    expect(output).toContain('cannot be published again: 3 events');
    expect(output).toContain('  OrderPlaced 1 of x: too old');
  });

  it('says that nothing is kept since then', async () => {
    expect((await run({ ...some, found: new Map() }, '--since', 'earliest')).output).toContain('keeps no event');
  });

  it.each([[], ['--since', 'yesterday'], ['--since', '2026-11-01T11:00:00']])(
    'refuses to guess a time: %j',
    async (...args) => {
      await expect(run(some, ...args)).rejects.toThrow('--since');
    },
  );
});
