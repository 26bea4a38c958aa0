export { Logger, loggerModule, PinoLogger, POLLED } from './logger.js';
export {
  counter,
  DURATION_SECONDS,
  gauges,
  histogram,
  inTime,
  metricsText,
  type Reading,
  watchProcess,
} from './metrics.js';
export { shutdownTelemetry } from './sdk-state.js';
export {
  currentTraceparent,
  describeActiveSpan,
  type OpenSpan,
  propagationHeaders,
  startSpan,
  traceContextOf,
  wantTrace,
  withSpan,
} from './spans.js';
export { freshTraceparent, isTraceparent, readTraceContext, type TraceContext, traceIdOf } from './traceparent.js';
