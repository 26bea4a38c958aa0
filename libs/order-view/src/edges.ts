import { type Envelope, type EventType, eventsInto, orderSaga, type SagaStep } from '@orderflow/contracts';
import type { Viewed } from './order-view.js';

/** An event about an order, with what connects it to others. */
export type StoryEvent = Viewed & Pick<Envelope, 'id' | 'causationId'>;

/** How two events of an order belong together; `from` and `to` are their ids. */
export interface Edge {
  readonly from: string;
  readonly to: string;
  /**
   * `caused`: `to` names `from` as its cause. The others are derived from the saga table and recorded nowhere: `needs`, the
   * step that published `to` consumes `from` too; `undoes`, `from` takes back the effect of `to`.
   */
  readonly kind: 'caused' | 'needs' | 'undoes';
}

/** An event that no event of its order caused. */
export interface Origin {
  /** Its id. */
  readonly event: string;
  /** What it was caused by; `unseen` is an event that was not read yet: topics overtake each other. */
  readonly by: 'POST /orders' | 'POST /orders/{id}/cancel' | 'the deadline' | 'unseen';
}

/** The edges between the events of one order, in whichever order they were read. */
export function edgesOf(events: readonly StoryEvent[]): Edge[] {
  const byId = new Map(events.map((event) => [event.id, event]));
  const ofTypes = (types: readonly EventType[]) => events.filter(({ type }) => types.includes(type));
  return events.flatMap((event): Edge[] => {
    const cause = byId.get(event.causationId);
    const needed = eventsInto(answeredStep(event, cause)).filter((type) => type !== cause?.type);
    return [
      ...(cause ? [{ from: cause.id, to: event.id, kind: 'caused' } as const] : []),
      ...ofTypes(needed).map(({ id }) => ({ from: id, to: event.id, kind: 'needs' }) as const),
      ...ofTypes(undoneBy(event)).map(({ id }) => ({ from: event.id, to: id, kind: 'undoes' }) as const),
    ];
  });
}

/** The events that no event among these caused, each with the request or the deadline that did. */
export function originsOf(events: readonly StoryEvent[]): Origin[] {
  const ids = new Set(events.map(({ id }) => id));
  return events
    .filter(({ causationId }) => !ids.has(causationId))
    .map((event) => ({ event: event.id, by: byOf(event) }));
}

function byOf(event: StoryEvent): Origin['by'] {
  if (event.type === 'OrderPlaced') return 'POST /orders';
  if (event.type !== 'OrderCancelled') return 'unseen';
  // Its `causationId` is the request that placed the order: the deadline was set there.
  if (event.data.reason === 'timed_out') return 'the deadline';
  return event.data.reason === 'customer_request' ? 'POST /orders/{id}/cancel' : 'unseen';
}

const noStep: SagaStep = { trigger: 'POST /orders', at: 'orders', publishes: [] };

/**
 * The reaction that published an event: the one that consumes its cause, or the only one there is. A refund of a late capture
 * names the capture's cause as its own; the table knows that it follows from the cancellation.
 */
function answeredStep({ source, type }: StoryEvent, cause: StoryEvent | undefined): SagaStep {
  const steps = reactionsThatPublish(source, type);
  const consuming = cause && steps.find((step) => eventsInto(step).includes(cause.type));
  return consuming ?? (steps.length === 1 ? steps[0]! : noStep);
}

const reactionsThatPublish = (source: StoryEvent['source'], type: EventType): SagaStep[] =>
  orderSaga.filter((step: SagaStep) => step.at === source && !('trigger' in step) && step.publishes.includes(type));

const undoneBy = ({ source, type }: StoryEvent): EventType[] =>
  reactionsThatPublish(source, type).flatMap(({ compensates }) => compensates ?? []);
