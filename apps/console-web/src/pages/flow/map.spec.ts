import { describe, expect, it } from '@jest/globals';
import { flowOf } from '../../../test/fixtures/flow.js';
import { layoutOf, nodesOf, widthOf } from './map.js';

const layout = layoutOf(flowOf('full', null));

describe('the map', () => {
  it('draws a line for each topic that a service publishes to, and for each one that a group reads', () => {
    const pairs = layout.edges.map(({ from, to }) => `${from} ${to}`);
    expect(pairs).toContain('service:inventory topic:inventory.products');
    expect(pairs).toContain('topic:payments.events group:notifications');
    expect(pairs).not.toContain('topic:notifications.events group:orders');
    expect(pairs).toHaveLength(5 + 17);
    expect(new Set(pairs).size).toBe(pairs.length);
  });

  it('gives a line the colour of its publisher', () => {
    const into = layout.edges.filter(({ to }) => to === 'group:payments');
    expect(into.map(({ program }) => program)).toEqual(['orders', 'inventory']);
  });

  it('keeps the places of a column apart and inside the picture', () => {
    for (const column of [layout.producers, layout.topics, layout.groups]) {
      const ys = column.map(({ y }) => y);
      expect(ys).toEqual(ys.toSorted((a, b) => a - b));
      for (const [index, y] of ys.entries()) expect(y - (ys[index - 1] ?? -42)).toBeGreaterThanOrEqual(80);
      expect(ys.at(-1)!).toBeLessThanOrEqual(layout.height - 40);
    }
  });

  it('leads the keys through every place once, column after column', () => {
    const ids = nodesOf(layout).map(({ id }) => id);
    expect(ids).toHaveLength(4 + 5 + 6);
    expect([ids[0], ids[4], ids.at(-1)]).toEqual(['service:orders', 'topic:orders.events', 'group:console.journal']);
  });

  it('draws a line broader the more flows', () => {
    expect([0, 1, 40, 400].map(widthOf)).toEqual([0, 1, 40, 400].map(widthOf).toSorted((a, b) => a - b));
    expect(widthOf(400)).toBeLessThan(12);
  });
});
