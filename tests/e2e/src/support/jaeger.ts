import { demand } from '@orderflow/client';
import type { Span } from './otlp-collector.js';

interface JaegerTrace {
  readonly processes: Readonly<Record<string, { readonly serviceName: string }>>;
  readonly spans: readonly {
    readonly traceID: string;
    readonly spanID: string;
    readonly operationName: string;
    readonly processID: string;
    readonly references: readonly { readonly refType: string; readonly spanID: string; readonly traceID: string }[];
    /** Microseconds. */
    readonly startTime: number;
    readonly duration: number;
    readonly tags: readonly { readonly key: string; readonly value: string | number | boolean }[];
  }[];
}

/** A trace from Jaeger's query API (https://www.jaegertracing.io/docs/2.13/apis/). @throws HttpError while Jaeger does not know it */
export async function jaegerTrace(url: string, traceId: string): Promise<Span[]> {
  const { data } = await demand<{ data: readonly JaegerTrace[] }>(`${url}/api/traces/${traceId}`);
  return data.flatMap(({ spans, processes }) =>
    spans.map((span) => {
      const attributes = Object.fromEntries(span.tags.map(({ key, value }) => [key, value]));
      const parent = span.references.find((one) => one.refType === 'CHILD_OF' && one.traceID === span.traceID);
      return {
        traceId: span.traceID,
        spanId: span.spanID,
        parentSpanId: parent?.spanID,
        name: span.operationName,
        service: processes[span.processID]!.serviceName,
        failed: attributes['error'] === true,
        attributes,
        links: span.references.filter((one) => one !== parent).map(({ spanID }) => spanID),
        startedAt: span.startTime / 1000,
        endedAt: (span.startTime + span.duration) / 1000,
      };
    }),
  );
}
