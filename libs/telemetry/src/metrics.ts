import { monitorEventLoopDelay } from 'node:perf_hooks';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { parseTraceparent } from './traceparent.js';

/** Buckets in seconds for work inside a service: 1 ms to 10 s. */
export const DURATION_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

const READ_TIMEOUT_MS = 2_000;

const registry = new Registry<typeof Registry.OPENMETRICS_CONTENT_TYPE>();
registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);

type Labels<Name extends string> = Partial<Record<Name, string | number>>;

/** The value of a gauge, or one value per set of labels. */
export type Reading =
  number | readonly { readonly labels: Readonly<Record<string, string | number>>; readonly value: number }[];

/** A counter since the start of the process. `name` ends with `_total`. */
export function counter<Label extends string = never>(
  name: string,
  help: string,
  labelNames: readonly Label[] = [],
): { add(labels: Labels<Label>, value?: number): void } {
  const made = new Counter({ name, help, labelNames, registers: [registry] });
  return { add: (labels, value = 1) => made.inc(labels, value) };
}

/**
 * A histogram. `name` ends with the unit.
 * @param buckets upper bounds, ascending
 */
export function histogram<Label extends string = never>(
  name: string,
  help: string,
  buckets: readonly number[],
  labelNames: readonly Label[] = [],
): {
  /** @param traceparent of the span measured: a recorded span becomes the exemplar of its bucket */
  observe(labels: Labels<Label>, value: number, traceparent?: string): void;
} {
  const made = new Histogram({
    name,
    help,
    labelNames,
    buckets: [...buckets],
    enableExemplars: true,
    registers: [registry],
  });
  return {
    observe: (labels, value, traceparent) => {
      const exemplarLabels = exemplarOf(traceparent);
      // prom-client types the labels of an exemplar as if they were the histogram's own.
      made.observe({ labels, value, ...(exemplarLabels && { exemplarLabels: exemplarLabels as Labels<never> }) });
    },
  };
}

function exemplarOf(traceparent: string | undefined): { trace_id: string; span_id: string } | undefined {
  if (traceparent === undefined || traceparent.endsWith('00')) return undefined;
  const span = parseTraceparent(traceparent);
  return span && { trace_id: span.traceId, span_id: span.spanId };
}

/**
 * Gauges that are read together at each scrape. When reading fails or takes longer than 2 s they have no value: an old value
 * would pass for the current one. Existing gauges of the same names are replaced.
 * @param gauges help and labels by name
 * @param onError called with the reason when there are no values
 */
export function gauges<Name extends string>(
  gauges: Readonly<Record<Name, { readonly help: string; readonly labels?: readonly string[] }>>,
  read: () => Promise<Readonly<Record<Name, Reading>>> | Readonly<Record<Name, Reading>>,
  onError: (error: unknown) => void,
): void {
  let current: Promise<Readonly<Record<Name, Reading>> | undefined> | undefined;
  // The first gauge of a scrape reads the values for all of them.
  const shared = () => {
    current ??= inTime(read)
      .catch((error: unknown) => {
        onError(error);
        return undefined;
      })
      .finally(() => setImmediate(() => (current = undefined)));
    return current;
  };
  for (const [name, { help, labels = [] }] of Object.entries(gauges) as [Name, (typeof gauges)[Name]][]) {
    registry.removeSingleMetric(name);
    new Gauge({
      name,
      help,
      labelNames: [...labels],
      registers: [registry],
      async collect() {
        const values = await shared();
        this.reset();
        if (values === undefined) {
          // prom-client sets a gauge without labels to zero on reset.
          if (labels.length === 0) this.remove();
          return;
        }
        const reading: Reading = values[name];
        if (typeof reading === 'number') return this.set(reading);
        for (const { labels: of, value } of reading) this.set({ ...of }, value);
      },
    });
  }
}

/** The result of `read`. @throws Error when it takes longer than `ms`, 2 s by default: no scrape or health check waits longer */
export async function inTime<T>(read: () => Promise<T> | T, ms = READ_TIMEOUT_MS): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
  });
  return Promise.race([(async () => read())(), late]).finally(() => clearTimeout(timer));
}

/** The default of 10 ms would wake an idle process a hundred times a second. */
const TIMER_MS = 100;

/** How late timers fired since the last scrape. prom-client gives the time from one to the next: {@link TIMER_MS} too much. */
function watchEventLoop(): void {
  const intervals = monitorEventLoopDelay({ resolution: TIMER_MS });
  intervals.enable();
  const late = (nanoseconds: number) => Math.max(0, nanoseconds / 1e9 - TIMER_MS / 1000);
  const help = 'How late timers fired since the last scrape.';
  const read = () => {
    const lags = {
      nodejs_eventloop_lag_p50_seconds: late(intervals.percentile(50)),
      nodejs_eventloop_lag_p99_seconds: late(intervals.percentile(99)),
      nodejs_eventloop_lag_max_seconds: late(intervals.max),
    };
    intervals.reset();
    return lags;
  };
  gauges(
    {
      nodejs_eventloop_lag_p50_seconds: { help },
      nodejs_eventloop_lag_p99_seconds: { help },
      nodejs_eventloop_lag_max_seconds: { help },
    },
    read,
    () => undefined,
  );
  for (const kind of ['min', 'mean', 'stddev', 'p90'])
    registry.removeSingleMetric(`nodejs_eventloop_lag_${kind}_seconds`);
}

let watched = false;

/** Starts the metrics of the process: CPU, memory, event loop, garbage collection. A second call does nothing. */
export function watchProcess(): void {
  if (watched) return;
  watched = true;
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: TIMER_MS });
  watchEventLoop();
  // Gauges under a suffix that belongs to counters; the same values exist by type.
  for (const kind of ['handles', 'requests', 'resources']) registry.removeSingleMetric(`nodejs_active_${kind}_total`);
}

/** All metrics of this process as OpenMetrics text, and its content type. */
export async function metricsText(): Promise<{ contentType: string; text: string }> {
  return { contentType: registry.contentType, text: await registry.metrics() };
}
