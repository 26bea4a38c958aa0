import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { listenOn } from '@orderflow/local';
import protobuf from 'protobufjs';

export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  /** undefined for the root. */
  readonly parentSpanId: string | undefined;
  /** Empty where it has none. */
  readonly tracestate: string;
  readonly name: string;
  readonly service: string;
  readonly failed: boolean;
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
  /** Span ids. */
  readonly links: readonly string[];
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly endedAt: number;
}

// The part of https://github.com/open-telemetry/opentelemetry-proto that is read here.
const { root } = protobuf.parse(`
  syntax = "proto3";
  message AnyValue { oneof value { string string = 1; bool bool = 2; int64 int = 3; double double = 4; } }
  message KeyValue { string key = 1; AnyValue value = 2; }
  message Resource { repeated KeyValue attributes = 1; }
  message Link { bytes trace_id = 1; bytes span_id = 2; }
  message Status { string message = 2; int32 code = 3; }
  message Span {
    bytes trace_id = 1; bytes span_id = 2; string trace_state = 3; bytes parent_span_id = 4; string name = 5; int32 kind = 6;
    fixed64 start_time_unix_nano = 7; fixed64 end_time_unix_nano = 8;
    repeated KeyValue attributes = 9; repeated Link links = 13; Status status = 15;
  }
  message ScopeSpans { repeated Span spans = 2; }
  message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; }
  message TracesData { repeated ResourceSpans resource_spans = 1; }`);
const tracesData = root.lookupType('TracesData');

interface WireAttribute {
  readonly key: string;
  /** One field, named after its type. */
  readonly value?: Readonly<Record<string, string | number | boolean>>;
}

interface WireSpan {
  readonly traceId: Uint8Array;
  readonly spanId: Uint8Array;
  readonly traceState?: string;
  readonly parentSpanId?: Uint8Array;
  readonly name: string;
  readonly startTimeUnixNano: number;
  readonly endTimeUnixNano: number;
  readonly attributes: readonly WireAttribute[];
  readonly links: readonly { readonly spanId: Uint8Array }[];
  readonly status?: { readonly code?: number };
}

interface WireTraces {
  readonly resourceSpans: readonly {
    readonly resource?: { readonly attributes: readonly WireAttribute[] };
    readonly scopeSpans: readonly { readonly spans: readonly WireSpan[] }[];
  }[];
}

const hex = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('hex');

const valuesOf = (attributes: readonly WireAttribute[]): Span['attributes'] =>
  Object.fromEntries(attributes.map(({ key, value = {} }) => [key, Object.values(value)[0] ?? '']));

const spanOf = (service: string, span: WireSpan): Span => ({
  traceId: hex(span.traceId),
  spanId: hex(span.spanId),
  parentSpanId: hex(span.parentSpanId) || undefined,
  tracestate: span.traceState ?? '',
  name: span.name,
  service,
  failed: span.status?.code === 2,
  attributes: valuesOf(span.attributes),
  links: span.links.map(({ spanId }) => hex(spanId)),
  startedAt: span.startTimeUnixNano / 1e6,
  endedAt: span.endTimeUnixNano / 1e6,
});

/** Receives spans over OTLP/HTTP as protobuf, and keeps them. */
export class OtlpCollector {
  readonly spans: Span[] = [];
  /** The status of every response, instead of 200. */
  failsWith: number | undefined;
  rejected = 0;
  private port = 0;

  private readonly server = createServer((request, response) => {
    void this.take(request).then((status) => response.writeHead(status).end());
  });

  async open(): Promise<void> {
    this.port = await listenOn(this.server);
  }

  /** The environment of a service that exports to this collector, soon after each span. */
  get env(): Record<string, string> {
    return { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${this.port}`, OTEL_BSP_SCHEDULE_DELAY: '500' };
  }

  traceOf(traceId: string): Span[] {
    return this.spans.filter((span) => span.traceId === traceId);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  private async take(request: IncomingMessage): Promise<number> {
    const body = await buffer(request);
    if (this.failsWith !== undefined) {
      this.rejected++;
      return this.failsWith;
    }
    const bytes = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
    // As a plain object: a field that is not set reads as an empty text or 0.
    const { resourceSpans } = tracesData.toObject(tracesData.decode(bytes), {
      arrays: true,
      longs: Number,
    }) as WireTraces;
    for (const { resource, scopeSpans } of resourceSpans) {
      const service = String(valuesOf(resource?.attributes ?? [])['service.name']);
      for (const { spans } of scopeSpans) this.spans.push(...spans.map((span) => spanOf(service, span)));
    }
    return 200;
  }
}
