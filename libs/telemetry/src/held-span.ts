import {
  type Attributes,
  type AttributeValue,
  type Exception,
  type Link,
  type Span,
  type SpanContext,
  type SpanKind,
  type SpanStatus,
  SpanStatusCode,
  type TimeInput,
  TraceFlags,
} from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';

/** What a span is begun with. */
export interface HeldStart {
  readonly context: SpanContext;
  readonly parent: SpanContext | undefined;
  readonly name: string;
  readonly kind: SpanKind;
  /** Milliseconds since 1970. */
  readonly startTime: number;
  readonly attributes: Attributes;
  readonly links: Link[];
}

const now = (): number => performance.timeOrigin + performance.now();

const hrTime = (ms: number): [seconds: number, nanoseconds: number] => {
  const seconds = Math.floor(ms / 1000);
  return [seconds, Math.round((ms - seconds * 1000) * 1e6)];
};

/**
 * A span of a trace that is not sampled: it only notes what it is told, in case that its trace is wanted after all. It costs
 * a small object instead of a span of the SDK.
 */
export class HeldSpan implements Span {
  private readonly attributes: Attributes;
  private status: SpanStatus = { code: SpanStatusCode.UNSET };
  private exceptions: { name: string; message: string; at: number }[] | undefined;
  private endTime: number | undefined;

  /** @param over told once, when it has ended */
  constructor(
    private readonly start: HeldStart,
    private readonly over: (span: HeldSpan) => void,
  ) {
    this.attributes = start.attributes;
  }

  get failed(): boolean {
    return this.status.code === SpanStatusCode.ERROR;
  }

  spanContext(): SpanContext {
    return this.start.context;
  }

  setAttribute(key: string, value: AttributeValue): this {
    this.attributes[key] = value;
    return this;
  }

  setAttributes(attributes: Attributes): this {
    Object.assign(this.attributes, attributes);
    return this;
  }

  setStatus(status: SpanStatus): this {
    this.status = status;
    return this;
  }

  recordException(exception: Exception): void {
    const { name = 'Error', message = '' } = typeof exception === 'string' ? { message: exception } : exception;
    (this.exceptions ??= []).push({ name, message, at: now() });
  }

  end(endTime?: TimeInput): void {
    if (this.endTime !== undefined) return;
    this.endTime = typeof endTime === 'number' ? endTime : now();
    this.over(this);
  }

  isRecording(): boolean {
    return true;
  }

  // Links are given at the beginning, names and events are not used here: the interface asks for them.
  addEvent(): this {
    return this;
  }

  addLink(link: Link): this {
    this.start.links.push(link);
    return this;
  }

  addLinks(links: Link[]): this {
    this.start.links.push(...links);
    return this;
  }

  updateName(): this {
    return this;
  }

  /** As an exporter takes it, sampled. */
  readable(origin: Pick<ReadableSpan, 'resource' | 'instrumentationScope'>): ReadableSpan {
    const { context, parent, name, kind, startTime, links } = this.start;
    const endTime = this.endTime ?? startTime;
    const sampled = { ...context, traceFlags: context.traceFlags | TraceFlags.SAMPLED };
    return {
      ...origin,
      name,
      kind,
      spanContext: () => sampled,
      ...(parent && { parentSpanContext: parent }),
      startTime: hrTime(startTime),
      endTime: hrTime(endTime),
      duration: hrTime(Math.max(0, endTime - startTime)),
      ended: true,
      status: this.status,
      attributes: this.attributes,
      links,
      events: (this.exceptions ?? []).map((exception) => ({
        name: 'exception',
        time: hrTime(exception.at),
        attributes: { 'exception.type': exception.name, 'exception.message': exception.message },
      })),
      droppedAttributesCount: 0,
      droppedEventsCount: 0,
      droppedLinksCount: 0,
    };
  }
}
