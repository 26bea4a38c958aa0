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
  traceparentOf,
  wantTrace,
  withSpan,
} from './spans.js';
export { freshTraceparent, isTraceparent, traceIdOf } from './traceparent.js';
