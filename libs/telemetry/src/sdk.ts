import { diag, DiagLogLevel } from '@opentelemetry/api';
import { defaultResource, detectResources, envDetector, serviceInstanceIdDetector } from '@opentelemetry/resources';
import { NodeSDK } from '@opentelemetry/sdk-node';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ConsoleSpanExporter,
  ParentBasedSampler,
  type ReadableSpan,
  type Sampler,
  SimpleSpanProcessor,
  type SpanExporter,
  type SpanProcessor,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace';
import { HeldTraces } from './held-traces.js';
import type { Sampling, TraceSettings } from './otel-settings.js';
import { telemetryRuns } from './sdk-state.js';
import { SCOPE } from './spans.js';

/**
 * Starts the OpenTelemetry SDK, for traces only. OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES describe this process. No library
 * is instrumented automatically.
 * @param report is called with a line for each setting that an exporter cannot use
 */
export async function startTelemetry(settings: TraceSettings, report: (line: string) => void): Promise<void> {
  const processors = await Promise.all(settings.exporters.map((exporter) => processorOf(exporter, settings, report)));
  const resource = defaultResource().merge(detectResources({ detectors: [envDetector, serviceInstanceIdDetector] }));
  const sdk = new NodeSDK({
    resource,
    autoDetectResources: false,
    sampler: samplerOf(settings.sampling),
    spanLimits: settings.limits,
    spanProcessors: processors,
    instrumentations: [],
    metricReaders: [],
    logRecordProcessors: [],
  });
  sdk.start();
  const origin = { resource, instrumentationScope: { name: SCOPE }, limits: settings.limits };
  const give = (span: ReadableSpan) => {
    for (const processor of processors) processor.onEnd(span);
  };
  telemetryRuns(sdk, new HeldTraces(origin, give, settings.sampling.followsParent));
}

async function processorOf(
  name: TraceSettings['exporters'][number],
  { protocol, batch }: TraceSettings,
  report: (line: string) => void,
): Promise<SpanProcessor> {
  if (name === 'console') return new SimpleSpanProcessor({ exporter: new ConsoleSpanExporter() });
  const Exporter = await otlpExporters[protocol]();
  return new BatchSpanProcessor({ exporter: reporting(() => new Exporter(), report), ...batch });
}

// Imported as needed: the one of gRPC alone is as large as all others together.
const otlpExporters: Record<TraceSettings['protocol'], () => Promise<new () => SpanExporter>> = {
  grpc: async () => (await import('@opentelemetry/exporter-trace-otlp-grpc')).OTLPTraceExporter,
  'http/json': async () => (await import('@opentelemetry/exporter-trace-otlp-http')).OTLPTraceExporter,
  'http/protobuf': async () => (await import('@opentelemetry/exporter-trace-otlp-proto')).OTLPTraceExporter,
};

/** The exporters complain of their variables to OpenTelemetry's own logger only. */
function reporting<T>(make: () => T, report: (line: string) => void): T {
  const quiet = () => undefined;
  const logger = { error: report, warn: report, info: quiet, debug: quiet, verbose: quiet };
  diag.setLogger(logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
  try {
    return make();
  } finally {
    diag.disable();
  }
}

function samplerOf({ root, followsParent, ratio }: Sampling): Sampler {
  const sampler = rootSamplers[root](ratio);
  return followsParent ? new ParentBasedSampler({ root: sampler }) : sampler;
}

const rootSamplers: Record<Sampling['root'], (ratio: number) => Sampler> = {
  always_on: () => new AlwaysOnSampler(),
  always_off: () => new AlwaysOffSampler(),
  traceidratio: (ratio) => new TraceIdRatioBasedSampler(ratio),
};
