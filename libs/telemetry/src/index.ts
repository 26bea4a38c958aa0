export { maskSecrets } from './mask.js';
export { Logger, loggerModule, logLevel, PinoLogger } from './logger.js';
export { shutdownTelemetry } from './sdk-state.js';
export { currentTraceparent, startSpan, traceparentOf, withSpan, type OpenSpan, type SpanOptions } from './spans.js';
export { freshTraceparent, isTraceparent, traceIdOf } from './traceparent.js';
