import { expect } from '@jest/globals';
import { consumedBy, type EventType } from '@orderflow/contracts';
import { eventually } from './eventually.js';
import type { Order } from './shop-answers.js';
import type { Heard, Tap } from './tap.js';

const traceIdOf = ({ record }: Heard): string => record.headers['traceparent']?.toString().split('-')[1] ?? 'none';

/** The events of an order once all of `types` were heard (a type as often as it stands there), and nothing else. */
export async function storyOf(tap: Tap, orderId: string, types: readonly EventType[]): Promise<Heard[]> {
  return eventually(async () => {
    const heard = await tap.eventsOf(orderId);
    expect(heard.map(({ event }) => event.type).toSorted()).toEqual([...types].toSorted());
    return heard;
  });
}

/** What holds for every order's events, however it ended. */
export function expectSound(heard: readonly Heard[], order: Order): void {
  expect(new Set(heard.map(({ event }) => event.correlationId)).size).toBe(1);
  expect(new Set(heard.map(traceIdOf))).toEqual(new Set([order.traceId]));
  expect(new Set(heard.map(({ event }) => event.id)).size).toBe(heard.length);
  expectSequences(heard);
  for (const one of heard) expectCause(one, heard);
}

/** Each source counts from 1, in the order of its topic, and leaves nothing out. */
function expectSequences(heard: readonly Heard[]): void {
  for (const source of new Set(heard.map(({ event }) => event.source))) {
    const own = heard.filter(({ event }) => event.source === source);
    const inLog = own.toSorted((a, b) => Number(a.record.offset) - Number(b.record.offset));
    expect(inLog.map(({ event }) => event.sequence)).toEqual(own.map((_, index) => index + 1));
  }
}

/** What caused it stands in the log before it, and the saga knows that the one leads to the other. */
function expectCause({ event, record }: Heard, heard: readonly Heard[]): void {
  const cause = heard.find((other) => other.event.id === event.causationId);
  if (cause === undefined) {
    // A request or a deadline: only orders is asked from outside.
    expect(['OrderPlaced', 'OrderCancelled']).toContain(event.type);
    return;
  }
  expect(cause.record.timestamp.getTime()).toBeLessThanOrEqual(record.timestamp.getTime());
  const heardThere: readonly EventType[] = consumedBy(event.source);
  expect(event.type === 'OrderCancelled' ? [...heardThere, 'OrderPlaced'] : heardThere).toContain(cause.event.type);
}

/** `first` was appended before `then`, for each pair that stands side by side. */
export function expectOrder(heard: readonly Heard[], ...chain: readonly EventType[]): void {
  const at = (type: EventType) => {
    const found = heard.find(({ event }) => event.type === type);
    if (found === undefined) throw new Error(`${type} was not heard`);
    return found.record.timestamp.getTime();
  };
  for (const [index, type] of chain.slice(1).entries()) {
    expect({ type, at: at(type) >= at(chain[index]!) }).toEqual({ type, at: true });
  }
}
