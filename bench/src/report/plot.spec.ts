import { describe, expect, it } from '@jest/globals';
import { plotOf } from './plot.ts';

const bar = (name: string, orders: number, postgres: number) => ({
  name,
  figures: {
    'orders/s': 100,
    'CPU ms an order': orders + postgres,
    'CPU ms an order: orders': orders,
    'CPU ms an order: postgres': postgres,
    'CPU ms an order: the load itself': 9,
  },
});
const svg = plotOf([bar('ours, one line', 2, 3), bar('peer & co', 10, 40)]);
const widths = [...svg.matchAll(/width="([\d.]+)" height="22"/g)].map(([, width]) => Number(width));

describe('the plot', () => {
  it('has a part for each process, as wide as its CPU, and the dearest system is as wide as the plot', () => {
    const [first, second, third, fourth] = widths;
    expect(widths).toHaveLength(4);
    expect(third! + fourth!).toBeCloseTo(520, 0);
    expect(first! / fourth!).toBeCloseTo(2 / 40, 2);
    expect(second! / fourth!).toBeCloseTo(3 / 40, 2);
  });

  it('names the systems, their sums and the processes, but not the load', () => {
    for (const words of ['ours, one line', 'peer &amp; co', '5.0 ms', '50.0 ms', '>postgres<'])
      expect(svg).toContain(words);
    expect(svg).not.toContain('the load itself');
  });
});
