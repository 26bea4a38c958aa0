import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { defaultResource, detectResources, envDetector, serviceInstanceIdDetector } from '@opentelemetry/resources';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { BatchSpanProcessor } from '@opentelemetry/sdk-trace';
import { HeldTraces } from './held-traces.js';
import { telemetryRuns } from './sdk-state.js';
import { SCOPE } from './spans.js';

/**
 * Starts the OpenTelemetry SDK: traces only, sent by OTLP over HTTP (protobuf) to OTEL_EXPORTER_OTLP_ENDPOINT as
 * OTEL_SERVICE_NAME. OTEL_TRACES_SAMPLER and OTEL_TRACES_SAMPLER_ARG say which traces are sampled, OTEL_RESOURCE_ATTRIBUTES
 * what is said of this process, OTEL_EXPORTER_OTLP_* how it is sent, OTEL_BSP_SCHEDULE_DELAY how many milliseconds after it
 * ended at the latest (5,000: each time costs as much as some hundred spans). All spans are our own.
 */
export function startTelemetry(): void {
  const processor = new BatchSpanProcessor({
    exporter: new OTLPTraceExporter(),
    // The usual queue of 2,048 spans drops most of a burst: one order is about twenty spans.
    maxQueueSize: 32_768,
    maxExportBatchSize: 2_048,
    scheduledDelayMillis: scheduleDelayMs(),
  });
  const resource = defaultResource().merge(detectResources({ detectors: [envDetector, serviceInstanceIdDetector] }));
  const sdk = new NodeSDK({
    resource,
    autoDetectResources: false,
    spanProcessors: [processor],
    instrumentations: [],
    metricReaders: [],
    logRecordProcessors: [],
  });
  sdk.start();
  const origin = { resource, instrumentationScope: { name: SCOPE } };
  telemetryRuns(sdk, new HeldTraces(origin, (span) => processor.onEnd(span), followsParent()));
}

// Read here, since the processor does not.
const scheduleDelayMs = (): number => Number(process.env['OTEL_BSP_SCHEDULE_DELAY']) || 5_000;

/** The sampler that is taken where none is named follows the parent too. */
const followsParent = (): boolean => (process.env['OTEL_TRACES_SAMPLER'] || 'parentbased').startsWith('parentbased');
