import { describe, expect, it } from '@jest/globals';
import type { Soundness } from '../phases/run.ts';
import { growthTable } from './growth-table.ts';

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
const sound: Soundness = { verdict, refused: 0, audit: { ok: true, words: 'passes' }, sound: true };
const figures = (cpu: number, rate: number) => ({ 'CPU ms an order': cpu, 'orders/s until all are settled': rate });

const growth = {
  by: 'past orders',
  names: ['500', '10,000'],
  rounds: [
    [figures(4, 200), figures(6, 100)],
    [figures(2, 400), figures(2, 300)],
    [figures(3, 300), figures(3, 200)],
  ],
  soundness: [sound],
};

describe('the table of growth', () => {
  it('has the medians of each size, and the ratio to the first within the rounds', () => {
    const rows = growthTable('ours', growth).split('\n').slice(-2);
    expect(rows.map((row) => row.split(/ {2,}/))).toEqual([
      ['500', '3.00', '2.00–4.00', '1.00', '300.0', '200.0–400.0'],
      ['10,000', '3.00', '2.00–6.00', '1.00', '200.0', '100.0–300.0'],
    ]);
  });

  it('has no figure when one of the systems was unsound', () => {
    const table = growthTable('ours', { ...growth, soundness: [sound, { ...sound, sound: false }] });
    expect(table.split('\n').at(-1)).toBe('unsound: no figure');
    expect(table).not.toContain('3.00');
  });
});
