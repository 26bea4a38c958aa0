#!/usr/bin/env bash
# @opentelemetry/sdk-trace 3.1.0: BatchSpanProcessor takes an object with the exporter in it. Up to 2.x it took the exporter
# itself, as SimpleSpanProcessor and BatchSpanProcessor of most languages do. JavaScript that still passes the exporter starts, ends
# spans and stops without an error or a line, and exports nothing: the failure goes to OpenTelemetry's own logger, which
# prints nothing unless one is set. Only an explicit forceFlush tells.
# Fails when the old call raises, prints or exports, or the new one does not export.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
install_npm @opentelemetry/api@1.10.0 @opentelemetry/sdk-trace@3.1.0

cat >export.mjs <<'JS'
import { BatchSpanProcessor, InMemorySpanExporter, TracerProvider } from '@opentelemetry/sdk-trace';
async function attempt(call, argumentOf) {
  const exporter = new InMemorySpanExporter();
  const provider = new TracerProvider({ spanProcessors: [new BatchSpanProcessor(argumentOf(exporter))] });
  provider.getTracer('parcels').startSpan('send').end();
  // Longer than the processor waits by default.
  await new Promise((resolve) => setTimeout(resolve, 6_000));
  const timer = exporter.getFinishedSpans().length;
  provider.getTracer('parcels').startSpan('send').end();
  const flush = await provider.forceFlush().then(() => 'resolves', () => 'rejects');
  console.log(call, '| exported after 6 s:', timer, '| forceFlush', flush);
}
await attempt('new BatchSpanProcessor(exporter)', (exporter) => exporter);
await attempt('new BatchSpanProcessor({ exporter })', (exporter) => ({ exporter }));
JS

both() { node export.mjs 2>&1; }
expect both <<'SEEN'
new BatchSpanProcessor(exporter) | exported after 6 s: 0 | forceFlush rejects
new BatchSpanProcessor({ exporter }) | exported after 6 s: 1 | forceFlush resolves
SEEN
