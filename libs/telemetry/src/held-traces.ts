import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { HeldSpan, type HeldTrace } from './held-span.js';
import { type HeldStart, type Origin, readable, type SpanNotes } from './span-notes.js';

// Longer than the deadline of an order and its compensation take.
const HOLD_MS = 100_000;
// About 30 MB. Above 80 orders/s the oldest traces are dropped before HOLD_MS.
const MOST_SPANS = 50_000;

/**
 * Holds the spans of traces that were not sampled. A trace is wanted when one of its spans fails, when `want` is called, or
 * when another service passes it on with the sampled flag: then its held and its later spans are exported. All other spans
 * are dropped after a while.
 */
export class HeldTraces {
  // Two generations. The older one is dropped as a whole, so no search for expired spans is needed.
  private young = new Map<string, HeldTrace>();
  private old = new Map<string, HeldTrace>();
  private youngSince: number;
  private youngSpans = 0;

  /**
   * @param give exports a span
   * @param followsParent whether the sampler never samples a span whose parent is not sampled
   * @param clock milliseconds
   */
  constructor(
    private readonly origin: Origin,
    private readonly give: (span: ReadableSpan) => void,
    readonly followsParent: boolean,
    private readonly clock: () => number = () => performance.now(),
    private readonly most = MOST_SPANS,
  ) {
    this.youngSince = clock();
  }

  /** Begins a span that is only exported if its trace is wanted. */
  begin(start: HeldStart): HeldSpan {
    this.forgetOld();
    const id = start.context.traceId;
    let trace = this.find(id);
    if (!trace) this.young.set(id, (trace = { id, spans: [], wanted: false }));
    return new HeldSpan(start, trace, this);
  }

  /** Exports the held spans of the trace, and its later spans as they end. Does nothing for a trace without held spans. */
  want(traceId: string): void {
    const trace = this.find(traceId);
    if (!trace || trace.wanted) return;
    trace.wanted = true;
    for (const notes of trace.spans.splice(0))
      this.give(readable(trace.id, JSON.parse(notes) as SpanNotes, this.origin));
  }

  /** Called by each span when it has ended. */
  over(span: HeldSpan): void {
    const { trace } = span;
    if (span.failed) this.want(trace.id);
    if (trace.wanted) return this.give(readable(trace.id, span.notes(), this.origin));
    // Text is one object instead of a dozen, and every object kept costs the garbage collector.
    trace.spans.push(JSON.stringify(span.notes()));
    this.youngSpans++;
  }

  private find(traceId: string): HeldTrace | undefined {
    return this.young.get(traceId) ?? this.old.get(traceId);
  }

  private forgetOld(): void {
    const age = this.clock() - this.youngSince;
    if (age < HOLD_MS && this.youngSpans < this.most / 2) return;
    this.old = age < 2 * HOLD_MS ? this.young : new Map();
    this.young = new Map();
    this.youngSince += age;
    this.youngSpans = 0;
  }
}
