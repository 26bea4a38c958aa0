import { register } from 'import-in-the-middle/register-hooks.mjs';
import { telemetryRuns } from './sdk-state.js';

const UNTRACED = /^\/(health|metrics|docs)(\/|-json|\?|$)/;

/**
 * Starts the OpenTelemetry SDK: traces only, sent by OTLP over HTTP to OTEL_EXPORTER_OTLP_ENDPOINT as OTEL_SERVICE_NAME.
 * Every other OTEL_* variable works as the specification says. Spans of HTTP requests are automatic, all others are our own.
 */
export async function startTelemetry(): Promise<void> {
  setDefaults();
  // Before anything imports them, else they are not instrumented; and only these, since every module on the list starts slower.
  register({ include: ['http', 'https', 'node:http', 'node:https'] });
  const [{ NodeSDK }, { HttpInstrumentation }] = await Promise.all([
    import('@opentelemetry/sdk-node'),
    import('@opentelemetry/instrumentation-http'),
  ]);
  const sdk = new NodeSDK({
    instrumentations: [
      new HttpInstrumentation({ ignoreIncomingRequestHook: (request) => UNTRACED.test(request.url ?? '') }),
    ],
    metricReaders: [],
    logRecordProcessors: [],
  });
  sdk.start();
  telemetryRuns(sdk);
}

function setDefaults(): void {
  // The SDK's own queue of 2,048 spans drops most of a burst: one order is about twenty spans.
  process.env['OTEL_BSP_MAX_QUEUE_SIZE'] ??= '32768';
  process.env['OTEL_BSP_MAX_EXPORT_BATCH_SIZE'] ??= '2048';
  process.env['OTEL_BSP_SCHEDULE_DELAY'] ??= '1000';
  process.env['OTEL_TRACES_EXPORTER'] ??= 'otlp';
  process.env['OTEL_EXPORTER_OTLP_PROTOCOL'] ??= 'http/protobuf';
}
