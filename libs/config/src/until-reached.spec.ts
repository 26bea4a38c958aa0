import { describe, expect, it, jest } from '@jest/globals';
import { StartError } from './errors.js';
import { untilReached } from './until-reached.js';

/** Rejects with these errors, one at a time, then resolves. */
function failing(...errors: readonly Error[]) {
  const left = [...errors];
  return async () => {
    const error = left.shift();
    if (error) throw error;
    return 'reached';
  };
}

const away = new StartError('Kafka cannot be reached', true);

describe('a dependency that is away', () => {
  it('is tried until it can be reached, with one line about it', async () => {
    const lines: string[] = [];
    const waiting = untilReached(failing(away, away), { withinMs: Infinity, onWait: (line) => lines.push(line) });
    expect([await waiting, lines]).toEqual(['reached', ['Kafka cannot be reached']]);
  });

  it('is tried for as long as that takes, also where the wall clock is set forward meanwhile', async () => {
    const now = jest.spyOn(Date, 'now').mockReturnValueOnce(0).mockReturnValue(3_600_000);
    try {
      expect(await untilReached(failing(away), { withinMs: 5_000 })).toBe('reached');
    } finally {
      now.mockRestore();
    }
  });

  it('ends the start when the time is over', async () => {
    await expect(untilReached(failing(away), { withinMs: 0 })).rejects.toBe(away);
  });

  it('is not waited for when it is set up wrongly, or for a reason that is not known', async () => {
    for (const error of [new StartError('topic x is missing'), new TypeError('a bug')])
      await expect(untilReached(failing(error), { withinMs: Infinity })).rejects.toBe(error);
  });
});
