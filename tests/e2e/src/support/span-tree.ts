import { eventsInto, type EventType, orderSaga, type SagaStep, type Service } from '@orderflow/contracts';
import type { Span } from './otlp-collector.js';

/** One trace, and how its spans hang together. */
export class SpanTree {
  private readonly byId: ReadonlyMap<string, Span>;

  constructor(readonly spans: readonly Span[]) {
    this.byId = new Map(spans.map((span) => [span.spanId, span]));
  }

  get roots(): Span[] {
    return this.spans.filter(({ parentSpanId }) => parentSpanId === undefined);
  }

  /** Spans whose parent is not there. */
  get orphans(): Span[] {
    return this.spans.filter(({ parentSpanId }) => parentSpanId !== undefined && !this.byId.has(parentSpanId));
  }

  /** In the order in which they first had something to do. */
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

  /** The groups in which an event was processed, and that are to hear it as the saga has it. */
  groupsThatHeard(type: EventType): string[] {
    const heard = this.spans.filter(
      ({ name, attributes }) => name.startsWith('process ') && attributes['cloudevents.event_type'] === type,
    );
    return heard.map(({ attributes }) => String(attributes['messaging.consumer.group.name'])).toSorted();
  }
}

/** The groups that must hear an event of an order: the services that the saga names, and the read model of orders. */
export function groupsFor(type: EventType): string[] {
  const steps: readonly SagaStep[] = orderSaga;
  const services = steps.filter((step) => eventsInto(step).includes(type)).map(({ at }): Service => at);
  return [...services, 'orders.views'].toSorted();
}
