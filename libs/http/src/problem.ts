import { HttpException } from '@nestjs/common';
import { Unauthenticated } from '@orderflow/auth';
import { bounds } from '@orderflow/contracts';
import { BrokenRule } from '@orderflow/decider';
import { STATUS_CODES } from 'node:http';
import { z } from 'zod';

const fieldError = z.object({ field: z.string(), message: z.string() });

/** An invalid field of a request; `field` as in `lines[0].quantity`, empty for the whole body. */
export type FieldError = z.infer<typeof fieldError>;

/** The RFC 9457 document of every error response. For OpenAPI; a document may have further members. */
export const problemSchema = z
  .looseObject({
    type: z.string().describe('urn:orderflow:problem:<kind>; docs/problems.md explains each kind'),
    title: z.string(),
    status: z.int().min(400).max(599),
    detail: z.string(),
    instance: z.string().optional(),
    errors: z.array(fieldError).optional(),
  })
  .meta({ description: 'RFC 9457 problem details' });

export interface ProblemExtras {
  errors?: readonly FieldError[];
  /** Sent as the header Retry-After. */
  retryAfterSeconds?: number;
  /** Further members of the document. */
  members?: Record<string, unknown>;
}

/**
 * An error that is sent to the caller unchanged: throw it from a controller.
 * `kind` becomes the stable type `urn:orderflow:problem:<kind>`; `detail` must not contain internal details.
 */
export class Problem extends Error {
  override name = 'Problem';

  constructor(
    readonly status: number,
    readonly kind: string,
    readonly detail: string,
    readonly extras: ProblemExtras = {},
  ) {
    super(detail);
  }

  /** The document to send. */
  document(instance?: string): z.infer<typeof problemSchema> {
    return {
      ...this.extras.members,
      type: `urn:orderflow:problem:${this.kind}`,
      title: STATUS_CODES[this.status] ?? 'Error',
      status: this.status,
      detail: this.detail,
      ...(instance === undefined ? {} : { instance }),
      ...(this.extras.errors ? { errors: [...this.extras.errors] } : {}),
    };
  }
}

/** A dependency of the service (database, broker) is unavailable: 503, and the caller may try again. */
export class ServiceUnavailable extends Problem {
  override name = 'ServiceUnavailable';

  constructor(
    override readonly cause?: unknown,
    detail = 'The service is temporarily unavailable. Try again shortly.',
  ) {
    super(503, 'unavailable', detail, { retryAfterSeconds: 2 });
  }
}

/** The problem to send for an error. An unknown error becomes a 500 that does not reveal its cause. */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof BrokenRule) {
    return new Problem(409, 'broken-rule', error.message, { members: { rule: error.rule } });
  }
  // The same for all reasons: it tells nothing about a token to its finder.
  if (error instanceof Unauthenticated)
    return new Problem(401, 'unauthenticated', 'The request needs a valid bearer token.');
  if (isTransient(error)) return new ServiceUnavailable(error);
  if (error instanceof HttpException) return fromStatus(error.getStatus(), error);
  const status = clientStatusOf(error);
  return status === undefined ? problemOfStatus(500) : fromStatus(status, error as Error);
}

/** The problem for a status code without further information. */
export function problemOfStatus(status: number, detail?: string): Problem {
  const known = KNOWN[status];
  const kind = known?.[0] ?? (status < 500 ? 'bad-request' : 'internal');
  const extras = status === 503 ? { retryAfterSeconds: 2 } : {};
  return new Problem(status, kind, detail ?? known?.[1] ?? `${STATUS_CODES[status] ?? 'Error'}.`, extras);
}

const KNOWN: Record<number, readonly [kind: string, detail: string]> = {
  400: ['bad-request', 'The request is malformed.'],
  404: ['not-found', 'No resource exists at this URL.'],
  405: ['method-not-allowed', 'This URL does not support the method.'],
  406: [
    'not-acceptable',
    'The answer is application/json or application/problem+json; the header Accept excludes both.',
  ],
  408: ['request-timeout', 'The request did not arrive in time.'],
  409: ['conflict', 'The request conflicts with the current state.'],
  413: ['payload-too-large', `The body is larger than ${bounds.bodyBytes} bytes.`],
  414: ['uri-too-long', 'The URL, or a part of it, is too long.'],
  415: ['unsupported-media-type', 'The content-type of the body must be application/json.'],
  422: ['unprocessable', 'The request is well-formed but cannot be processed.'],
  431: ['headers-too-large', 'The headers are too large.'],
  500: ['internal', 'An unexpected error occurred. It has been logged.'],
  503: ['unavailable', 'The service is temporarily unavailable. Try again shortly.'],
};

// Our own texts: the messages of Fastify and of the JSON parser change with their versions.
const DETAILS_BY_CODE: Record<string, readonly [kind: string, detail: string]> = {
  FST_ERR_CTP_INVALID_JSON_BODY: ['malformed-json', 'The body is not valid JSON, or contains a forbidden key.'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['bad-request', 'The length of the body differs from content-length.'],
  FST_ERR_BAD_URL: ['bad-request', 'The URL path is not valid.'],
};

function fromStatus(status: number, error: Error): Problem {
  const cause = error.cause instanceof Error ? error.cause : error;
  const code = (cause as { code?: unknown }).code;
  const known = typeof code === 'string' ? DETAILS_BY_CODE[code] : undefined;
  if (known) return new Problem(status, known[0], known[1]);
  if (cause instanceof SyntaxError) {
    return new Problem(400, 'malformed-json', 'The body is not valid JSON, or contains a forbidden key.');
  }
  // Only the message of an HttpException that our own code throws, below 500, is sent to the caller.
  const isOurs = error instanceof HttpException && error.cause === undefined && status < 500 && status !== 404;
  return problemOfStatus(status, isOurs ? error.message : undefined);
}

function clientStatusOf(error: unknown): number | undefined {
  const status = (error as { statusCode?: unknown } | undefined)?.statusCode;
  return error instanceof Error && typeof status === 'number' && status >= 400 && status < 500 ? status : undefined;
}

function isTransient(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'transient' in error && error.transient === true;
}
