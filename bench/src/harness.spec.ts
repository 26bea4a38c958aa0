import { describe, expect, it } from '@jest/globals';
import { inRounds, medianOf, ratioOf, ratioSpreadOf, type Side, spreadOf } from './harness.ts';

const value = (it: number): number => it;

describe('a comparison in rounds', () => {
  it('takes turns, and begins every other round with the last side', async () => {
    const turns: string[] = [];
    const side = (name: string): Side<number> => ({
      name,
      measure: async (round) => turns.push(`${round} ${name}`),
    });
    await inRounds(3, [side('off'), side('on')]);
    expect(turns).toEqual(['1 off', '1 on', '2 on', '2 off', '3 off', '3 on']);
  });

  it('compares with the first side within each round, since the machine is not equally fast in all of them', () => {
    const rounds = [
      [100, 90],
      [50, 48],
      [200, 170],
    ];
    expect(medianOf(rounds, 1, value)).toBe(90);
    expect(spreadOf(rounds, 1, value)).toBe('48–170');
    expect(ratioOf(rounds, 1, value)).toBe(0.9);
    expect(ratioSpreadOf(rounds, 1, value)).toBe('0.85–0.96');
  });
});
