import { expect } from '@jest/globals';
import type { EventType } from '@orderflow/contracts';
import { eventually } from './eventually.js';
import { groupsFor, SpanTree } from './span-tree.js';
import type { Span } from './otlp-collector.js';

type Fetch = () => Span[] | Promise<Span[]>;

/**
 * The trace of an order once it is whole: each of `said` was sent once, and processed by all who are to hear it. Then: one
 * root, which is the request, and no span without its parent.
 */
export async function wholeTrace(fetch: Fetch, said: readonly EventType[]): Promise<SpanTree> {
  return eventually(async () => {
    const tree = new SpanTree(await fetch());
    expect(typesSent(tree)).toEqual([...said].toSorted());
    for (const type of new Set(said)) {
      const times = said.filter((one) => one === type).length;
      const groups = groupsFor(type).flatMap((group) => Array<string>(times).fill(group));
      expect({ type, consumedBy: tree.groupsThatHeard(type) }).toEqual({ type, consumedBy: groups });
    }
    expect(tree.orphans).toEqual([]);
    expect(tree.roots.map(({ name }) => name)).toEqual(['POST /orders']);
    return tree;
  });
}

const typesSent = (tree: SpanTree): string[] =>
  tree
    .named(/^send /)
    .map(({ attributes }) => String(attributes['cloudevents.event_type']))
    .toSorted();

/** What every span of an order's events says, by the messaging conventions. */
export function expectConventions(tree: SpanTree, orderId: string): void {
  for (const span of tree.named(/^(send|process) /)) {
    const [operation, topic] = span.name.split(' ');
    expect(span.attributes).toMatchObject({
      'messaging.system': 'kafka',
      'messaging.operation.type': operation,
      'messaging.destination.name': topic,
      'messaging.message.id': expect.stringMatching(/^[0-9a-f-]{36}$/),
      'orderflow.order.id': orderId,
    });
    expect(span.endedAt).toBeGreaterThanOrEqual(span.startedAt);
  }
  for (const span of tree.named(/^process /)) {
    expect(tree.parentOf(span)?.name).toBe(span.name.replace('process', 'send'));
    expect(tree.parentOf(span)?.attributes['messaging.message.id']).toBe(span.attributes['messaging.message.id']);
  }
}

/** The spans on which it stands how the order ended, as service and words. */
export const outcomesIn = (tree: SpanTree): string[] =>
  tree.spans.flatMap(({ service, attributes }) =>
    attributes['orderflow.outcome'] === undefined ? [] : [`${service}: ${attributes['orderflow.outcome']}`],
  );
