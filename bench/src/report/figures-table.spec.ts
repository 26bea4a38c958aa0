import { describe, expect, it } from '@jest/globals';
import type { Turn } from '../phases/turn.ts';
import { figuresTable, soundnessOf } from './figures-table.ts';

const verdict = {
  accepted: 10,
  settled: 10,
  lost: 0,
  doubled: 0,
  mailedTwice: 0,
  stuck: 0,
  unmailed: 0,
  wrongMoney: 0,
  wrongStock: 0,
};

const turn = (perSecond: number, given: Partial<Turn> = {}): Turn => ({
  figures: [{ 'orders/s': perSecond }],
  verdict,
  refused: 0,
  audit: { ok: true, words: 'passes' },
  sound: true,
  yardstickMiBPerSecond: 400,
  ...given,
});

const unsound: Partial<Turn> = { sound: false, verdict: { ...verdict, settled: 9, stuck: 1 } };

describe('the table of figures', () => {
  it('has the median of the rounds with its spread, a column for each system', () => {
    const rounds = [
      [turn(100), turn(20)],
      [turn(300), turn(10)],
      [turn(200), turn(30)],
    ];
    expect(figuresTable(['ours', 'peer'], rounds, 0).split('\n')[2]).toBe('orders/s  200 (100–300)  20.0 (10.0–30.0)');
  });

  it('has no figure of a system of which one turn was unsound', () => {
    const rounds = [
      [turn(100), turn(20)],
      [turn(300), turn(10, unsound)],
    ];
    expect(figuresTable(['ours', 'peer'], rounds, 0).split('\n')[2]).toBe(
      'orders/s  200 (100–300)  unsound: no figure',
    );
  });

  it('is empty where no system was sound', () => {
    expect(figuresTable(['ours'], [[turn(100, unsound)]], 0).split('\n')).toHaveLength(2);
  });
});

it('the correctness of each turn is printed, sound or not', () => {
  const rounds = [[turn(1)], [turn(1, { ...unsound, audit: { ok: false, words: 'settled: 1' } })]];
  expect(soundnessOf(['ours'], rounds).split('\n').slice(2)).toEqual([
    'ours    1      10 in = 10 settled, 0 lost, 0 charged twice, 0 mailed twice, 0 stuck  passes      400',
    'ours    2      10 in ≠ 9 settled, 0 lost, 0 charged twice, 0 mailed twice, 1 stuck   settled: 1  400',
  ]);
});
