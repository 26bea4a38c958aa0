import {
  type Attributes,
  type AttributeValue,
  type Exception,
  type Span,
  type SpanContext,
  type SpanStatus,
  SpanStatusCode,
  type TimeInput,
} from '@opentelemetry/api';
import { type HeldStart, now, sampled, type SpanNotes } from './span-notes.js';

/** A trace with held spans. */
export interface HeldTrace {
  readonly id: string;
  /** Ended spans, until the trace is wanted: the notes of each as JSON. */
  readonly spans: string[];
  wanted: boolean;
}

/** A span of a trace that is not sampled: it notes its data for the case that the trace is wanted later. */
export class HeldSpan implements Span {
  private readonly attributes: Attributes;
  private status: SpanStatus | undefined;
  private exceptions: { name: string; message: string; at: number }[] | undefined;
  private endTime: number | undefined;

  /** @param keeper called once, when the span has ended */
  constructor(
    private readonly start: HeldStart,
    readonly trace: HeldTrace,
    private readonly keeper: { over(span: HeldSpan): void },
  ) {
    this.attributes = start.attributes;
  }

  get failed(): boolean {
    return this.status?.code === SpanStatusCode.ERROR;
  }

  /** With the sampled flag once the trace is wanted, so that other services export their spans too. */
  spanContext(): SpanContext {
    return this.trace.wanted ? sampled(this.start.context) : this.start.context;
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
    this.keeper.over(this);
  }

  isRecording(): boolean {
    return true;
  }

  // Required by the interface and unused: links are given at the start, events and new names are never set.
  addEvent(): this {
    return this;
  }

  addLink(): this {
    return this;
  }

  addLinks(): this {
    return this;
  }

  updateName(): this {
    return this;
  }

  notes(): SpanNotes {
    const { context, parent, name, kind, startTime, attributes, links } = this.start;
    return {
      spanId: context.spanId,
      parentSpanId: parent?.spanId,
      parentIsRemote: parent?.isRemote,
      tracestate: context.traceState?.serialize(),
      name,
      kind,
      startTime,
      duration: Math.max(0, Math.round(((this.endTime ?? now()) - startTime) * 1000)),
      attributes,
      links: links.length > 0 ? links : undefined,
      status: this.status,
      exceptions: this.exceptions,
    };
  }
}
