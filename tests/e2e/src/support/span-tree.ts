import type { EventType } from '@orderflow/contracts';
import { groups } from './account.js';
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

  /** The spans that sent or processed an event of this type, in the order of their start. */
  spansOf(operation: 'send' | 'process', type: EventType): Span[] {
    return this.named(new RegExp(`^${operation} `))
      .filter(({ attributes }) => attributes['cloudevents.event_type'] === type)
      .toSorted((one, other) => one.startedAt - other.startedAt);
  }

  /** The spans that carry the order's outcome, as `service: outcome`. */
  get outcomes(): string[] {
    return this.spans.flatMap(({ service, attributes: { 'orderflow.outcome': outcome } }) =>
      outcome === undefined ? [] : [`${service}: ${outcome}`],
    );
  }
}

/** The consumer group of a span that processed an event. */
export const groupOf = ({ attributes }: Span): string => String(attributes['messaging.consumer.group.name']);

/** The consumer groups of an event of an order. */
export const groupsFor = (type: EventType): string[] =>
  groups.flatMap(({ name, consumed }) => (consumed.includes(type) ? [name] : [])).toSorted();
