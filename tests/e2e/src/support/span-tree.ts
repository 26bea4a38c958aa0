import { eventsInto, type EventType, orderSaga, type SagaStep, type Service } from '@orderflow/contracts';
import type { Span } from './otlp-collector.js';

/** The spans of one trace as a tree. */
export class SpanTree {
  private readonly byId: ReadonlyMap<string, Span>;

  constructor(readonly spans: readonly Span[]) {
    this.byId = new Map(spans.map((span) => [span.spanId, span]));
  }

  get roots(): Span[] {
    return this.spans.filter(({ parentSpanId }) => parentSpanId === undefined);
  }

  /** Spans whose parent is missing. */
  get orphans(): Span[] {
    return this.spans.filter(({ parentSpanId }) => parentSpanId !== undefined && !this.byId.has(parentSpanId));
  }

  /** In the order of their first spans. */
  get services(): string[] {
    return [...new Set(this.spans.toSorted((a, b) => a.startedAt - b.startedAt).map(({ service }) => service))];
  }

  named(pattern: RegExp): Span[] {
    return this.spans.filter(({ name }) => pattern.test(name));
  }

  parentOf(span: Span): Span | undefined {
    return span.parentSpanId === undefined ? undefined : this.byId.get(span.parentSpanId);
  }

  /** Names from the root down to this span. */
  pathTo(span: Span): string[] {
    const parent = this.parentOf(span);
    return [...(parent ? this.pathTo(parent) : []), span.name];
  }

  /** The consumer groups that processed this event. */
  groupsThatProcessed(type: EventType): string[] {
    const processed = this.spans.filter(
      ({ name, attributes }) => name.startsWith('process ') && attributes['cloudevents.event_type'] === type,
    );
    return processed.map(({ attributes }) => String(attributes['messaging.consumer.group.name'])).toSorted();
  }
}

/** The consumer groups of an event of an order: the services that the saga names, and the read model of orders. */
export function groupsFor(type: EventType): string[] {
  const steps: readonly SagaStep[] = orderSaga;
  const services = steps.filter((step) => eventsInto(step).includes(type)).map(({ at }): Service => at);
  return [...services, 'orders.views'].toSorted();
}
