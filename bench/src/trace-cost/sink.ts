/**
 * Receives spans over OTLP/HTTP, counts them and keeps nothing:  node bench/src/trace-cost/sink.ts <port>
 * A process of its own, so that the cost of a collector is not counted as the cost of tracing. `GET /` returns the counts.
 */
import { createServer, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import protobuf from 'protobufjs';

// The part of https://github.com/open-telemetry/opentelemetry-proto that is counted: the spans themselves stay bytes.
const { root } = protobuf.parse(`
  syntax = "proto3";
  message ScopeSpans { repeated bytes spans = 2; }
  message ResourceSpans { repeated ScopeSpans scope_spans = 2; }
  message TracesData { repeated ResourceSpans resource_spans = 1; }`);
const tracesData = root.lookupType('TracesData');

interface Traces {
  readonly resourceSpans: readonly { readonly scopeSpans: readonly { readonly spans: readonly Uint8Array[] }[] }[];
}

function spansIn(request: Buffer): number {
  const { resourceSpans } = tracesData.decode(request) as unknown as Traces;
  return resourceSpans.flatMap(({ scopeSpans }) => scopeSpans).reduce((sum, { spans }) => sum + spans.length, 0);
}

const counts = { spans: 0, bytes: 0 };
let receivedAt = performance.now();

async function take(request: IncomingMessage): Promise<void> {
  const body = await buffer(request);
  receivedAt = performance.now();
  counts.spans += spansIn(body);
  counts.bytes += body.length;
}

createServer((request, answer) => {
  if (request.method === 'GET') {
    answer.writeHead(200, { 'content-type': 'application/json' });
    answer.end(JSON.stringify({ ...counts, quietMs: performance.now() - receivedAt }));
    return;
  }
  take(request).then(
    () => answer.writeHead(200, { 'content-type': 'application/x-protobuf' }).end(),
    (error: unknown) => answer.writeHead(500).end(String(error)),
  );
}).listen(Number(process.argv[2]), '127.0.0.1');
