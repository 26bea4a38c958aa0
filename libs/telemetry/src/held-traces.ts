import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { HeldSpan, type HeldStart } from './held-span.js';

// Longer than an order waits for its deadline and for what compensates it.
const HOLD_MS = 150_000;
// About 30 MB. Above 80 orders a second the oldest go before their time.
const MOST_SPANS = 50_000;

interface HeldTrace {
  readonly since: number;
  readonly spans: HeldSpan[];
  wanted: boolean;
}

/**
 * The spans of traces that were not sampled, held until it shows whether somebody wants them. A trace is wanted when one of
 * its spans fails, when `want` says so, or when the flag of the trace was raised elsewhere: then what is held of it is
 * exported, and what comes of it too. Everything else is forgotten after a while.
 */
export class HeldTraces {
  private readonly traces = new Map<string, HeldTrace>();
  private count = 0;

  /** @param give takes what is to be exported @param clock milliseconds */
  constructor(
    private readonly origin: Pick<ReadableSpan, 'resource' | 'instrumentationScope'>,
    private readonly give: (span: ReadableSpan) => void,
    private readonly clock: () => number = () => performance.now(),
    private readonly most = MOST_SPANS,
  ) {}

  /** Begins a span that is only exported if its trace is wanted. */
  begin(start: HeldStart): HeldSpan {
    this.forgetOld();
    const { traceId } = start.context;
    if (!this.traces.has(traceId)) this.traces.set(traceId, { since: this.clock(), spans: [], wanted: false });
    return new HeldSpan(start, (span) => this.over(traceId, span));
  }

  isWanted(traceId: string): boolean {
    return this.traces.get(traceId)?.wanted ?? false;
  }

  /** Exports what is held of the trace, and lets what comes of it pass. Nothing to do for a trace of which nothing is held. */
  want(traceId: string): void {
    const trace = this.traces.get(traceId);
    if (!trace || trace.wanted) return;
    trace.wanted = true;
    this.count -= trace.spans.length;
    for (const span of trace.spans.splice(0)) this.give(span.readable(this.origin));
  }

  private over(traceId: string, span: HeldSpan): void {
    if (span.failed) this.want(traceId);
    const trace = this.traces.get(traceId);
    // Forgotten meanwhile: its parents are gone.
    if (!trace) return;
    if (trace.wanted) return this.give(span.readable(this.origin));
    trace.spans.push(span);
    this.count++;
  }

  private forgetOld(): void {
    const oldest = this.clock() - HOLD_MS;
    // A map keeps the order of insertion: the oldest come first.
    for (const [traceId, { since, spans }] of this.traces) {
      if (since >= oldest && this.count < this.most) return;
      this.traces.delete(traceId);
      this.count -= spans.length;
    }
  }
}
