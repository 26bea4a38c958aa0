import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { defaultResource, detectResources, envDetector, serviceInstanceIdDetector } from '@opentelemetry/resources';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { BatchSpanProcessor } from '@opentelemetry/sdk-trace';
import { HeldTraces } from './held-traces.js';
import { telemetryRuns } from './sdk-state.js';
import { SCOPE } from './spans.js';

/**
 * Starts the OpenTelemetry SDK: traces only, exported by OTLP over HTTP (protobuf) to OTEL_EXPORTER_OTLP_ENDPOINT as
 * OTEL_SERVICE_NAME. OTEL_TRACES_SAMPLER and OTEL_TRACES_SAMPLER_ARG choose the sampler, OTEL_RESOURCE_ATTRIBUTES describes
 * this process, OTEL_EXPORTER_OTLP_* configures the exporter, OTEL_BSP_SCHEDULE_DELAY is the interval between exports in
 * milliseconds (5,000: one export costs as much as some hundred spans). No library is instrumented automatically.
 */
export function startTelemetry(): void {
  const processor = new BatchSpanProcessor({
    exporter: new OTLPTraceExporter(),
    // The default queue of 2,048 spans drops most of a burst: one order has about twenty spans.
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

// Read here, since the processor does not read it.
const scheduleDelayMs = (): number => Number(process.env['OTEL_BSP_SCHEDULE_DELAY']) || 5_000;

/** The SDK's default sampler follows the parent too. */
const followsParent = (): boolean => (process.env['OTEL_TRACES_SAMPLER'] || 'parentbased').startsWith('parentbased');
