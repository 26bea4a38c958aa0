import { RequestMethod, type DynamicModule } from '@nestjs/common';
import { trace } from '@opentelemetry/api';
import { LoggerModule } from 'nestjs-pino';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Options } from 'pino-http';
import { maskSecrets } from './mask.js';
import { traceIdOf } from './traceparent.js';

export { Logger, PinoLogger } from 'nestjs-pino';

const LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
type Level = (typeof LEVELS)[number];

/** The URLs that are polled: their requests are neither logged nor observed. */
export const POLLED = /^\/(health|metrics|docs)(\/|-json|\?|$)/;

/** The level of LOG_LEVEL; `info` where it is not set or not a level of pino. */
export function logLevel(env: Record<string, string | undefined> = process.env): Level {
  const wanted = env['LOG_LEVEL']?.toLowerCase();
  return LEVELS.find((level) => level === wanted) ?? 'info';
}

/**
 * The logger of a service: JSON lines on stdout at LOG_LEVEL, with the active trace, and with e-mail addresses and secrets
 * masked. Nest's own logger is replaced by `app.useLogger(app.get(Logger))`.
 *
 * @param service the field `service` of every line
 * @param options.requests the level of the line per HTTP request (`info`); requests for health, metrics and docs are not logged
 */
export function loggerModule(service: string, options: { requests?: 'info' | 'debug' } = {}): DynamicModule {
  const level = logLevel();
  const requests = options.requests ?? 'info';
  const logsRequests = LEVELS.indexOf(level) >= LEVELS.indexOf(requests) && level !== 'silent';
  return LoggerModule.forRoot({
    pinoHttp: pinoOptions(service, level, requests),
    // nestjs-pino's default route matches nothing on Fastify; without request lines the middleware would be overhead.
    forRoutes: logsRequests ? [{ path: '{*path}', method: RequestMethod.ALL }] : [],
  });
}

/** The options of pino and pino-http. Exported for tests. */
export function pinoOptions(service: string, level: Level, requests: 'info' | 'debug'): Options {
  return {
    level,
    base: { service },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label) => ({ level: label }) },
    mixin: activeTrace,
    hooks: { streamWrite: maskSecrets },
    quietReqLogger: true,
    customAttributeKeys: { responseTime: 'durationMs' },
    customLogLevel: (_req, res, error) => (error || res.statusCode >= 500 ? 'error' : requests),
    customSuccessMessage: requestLine,
    customErrorMessage: requestLine,
    customSuccessObject: (req, res, line: object) => ({ ...line, ...requestFacts(req, res) }),
    customErrorObject: (req, res, _error, line: object) => ({ ...line, ...requestFacts(req, res) }),
    // The whole request with its headers would be the largest part of every line.
    serializers: { req: () => undefined, res: () => undefined },
    autoLogging: { ignore: (req) => POLLED.test(addressOf(req)) },
  };
}

function activeTrace(): object {
  const active = trace.getActiveSpan()?.spanContext();
  return active ? { traceId: active.traceId, spanId: active.spanId } : {};
}

// Nest's middleware strips the path from `url`; `originalUrl` keeps it.
const addressOf = (req: IncomingMessage & { originalUrl?: string }): string => req.originalUrl ?? req.url ?? '';

// Without the query: it may hold personal data.
const pathOf = (req: IncomingMessage): string => addressOf(req).split('?', 1)[0] ?? '';

const requestLine = (req: IncomingMessage, res: ServerResponse): string =>
  `${req.method} ${pathOf(req)} ${res.statusCode}`;

function requestFacts(req: IncomingMessage, res: ServerResponse): object {
  const header = req.headers['traceparent'];
  const traceId = traceIdOf(typeof header === 'string' ? header : undefined);
  return { method: req.method, path: pathOf(req), status: res.statusCode, ...(traceId ? { traceId } : {}) };
}
