import { expect } from '@jest/globals';
import type { EventType } from '@orderflow/contracts';
import { eventually } from '@orderflow/client';
import { groupOf, groupsFor, SpanTree } from './span-tree.js';
import type { OtlpCollector } from './otlp-collector.js';

/**
 * The trace of an order once it is complete: each of `published` was sent once and processed by each of its consumer groups.
 * Its one root is the request, and no span lacks its parent.
 */
export async function wholeTrace(
  collector: OtlpCollector,
  traceId: string,
  published: readonly EventType[],
): Promise<SpanTree> {
  return eventually(() => {
    const tree = new SpanTree(collector.traceOf(traceId));
    expect(typesSent(tree)).toEqual([...published].toSorted());
    for (const type of new Set(published)) {
      const times = published.filter((one) => one === type).length;
      const groups = groupsFor(type).flatMap((group) => Array<string>(times).fill(group));
      expect({ type, consumedBy: tree.spansOf('process', type).map(groupOf).toSorted() }).toEqual({
        type,
        consumedBy: groups,
      });
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

/** The attributes of an order's send and process spans follow OpenTelemetry's messaging conventions. */
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
