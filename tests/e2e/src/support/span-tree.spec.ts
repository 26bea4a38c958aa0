import { describe, expect, it } from '@jest/globals';
import type { Span } from './otlp-collector.js';
import { groupsFor, SpanTree } from './span-tree.js';

const span = (spanId: string, over: Partial<Span> = {}): Span => ({
  traceId: 't',
  spanId,
  parentSpanId: undefined,
  name: spanId,
  service: 'orders',
  failed: false,
  attributes: {},
  links: [],
  tracestate: '',
  startedAt: 0,
  endedAt: 1,
  ...over,
});

describe('a tree of spans', () => {
  it('has a root, paths, and services in the order of their first spans', () => {
    const leaf = span('c', { parentSpanId: 'b', service: 'payments', startedAt: 2 });
    const tree = new SpanTree([leaf, span('a'), span('b', { parentSpanId: 'a', service: 'inventory', startedAt: 1 })]);
    expect(tree.roots.map(({ spanId }) => spanId)).toEqual(['a']);
    expect(tree.pathTo(leaf)).toEqual(['a', 'b', 'c']);
    expect(tree.services).toEqual(['orders', 'inventory', 'payments']);
    expect(tree.orphans).toEqual([]);
  });

  it('finds spans whose parent is missing', () => {
    const lost = span('b', { parentSpanId: 'gone' });
    expect(new SpanTree([span('a'), lost]).orphans).toEqual([lost]);
  });
});

it('the saga names the groups that consume an event; the read model consumes all', () => {
  expect(groupsFor('OrderPlaced')).toEqual(['inventory', 'orders.views', 'payments']);
  expect(groupsFor('NotificationSent')).toEqual(['orders.views']);
});
