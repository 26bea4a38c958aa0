import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { HeldSpan, type HeldTrace } from './held-span.js';
import { type HeldStart, type Origin, readable, type SpanNotes } from './span-notes.js';

// Longer than an order waits for its deadline and for what compensates it.
const HOLD_MS = 100_000;
// About 30 MB. Above 80 orders a second the oldest go before their time.
const MOST_SPANS = 50_000;

/**
 * The spans of traces that were not sampled, held until it shows whether somebody wants them. A trace is wanted when one of
 * its spans fails, when `want` says so, or when the flag of the trace was raised elsewhere: then what is held of it is
 * exported, and what comes of it too. Everything else is forgotten after a while.
 */
export class HeldTraces {
  // Two generations, of which the older one is forgotten as a whole: nothing is looked through to find what is old.
  private young = new Map<string, HeldTrace>();
  private old = new Map<string, HeldTrace>();
  private youngSince: number;
  private youngSpans = 0;

  /**
   * @param give takes what is to be exported
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

  /** Exports what is held of the trace, and lets what comes of it pass. Nothing to do for a trace of which nothing is held. */
  want(traceId: string): void {
    const trace = this.find(traceId);
    if (!trace || trace.wanted) return;
    trace.wanted = true;
    for (const notes of trace.spans.splice(0))
      this.give(readable(trace.id, JSON.parse(notes) as SpanNotes, this.origin));
  }

  /** Told by each span when it has ended. */
  over(span: HeldSpan): void {
    const { trace } = span;
    if (span.failed) this.want(trace.id);
    if (trace.wanted) return this.give(readable(trace.id, span.notes(), this.origin));
    // As text it is one object instead of a dozen, and every one that stays costs the garbage collector.
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
