import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import type { Caller } from '@orderflow/auth';
import type { FastifyRequest } from 'fastify';
import { callerOf } from './guard.js';
import { Problem } from './problem.js';

interface HeaderRule {
  readonly name: string;
  readonly description: string;
  readonly valid: RegExp;
  /** `valid` in words. */
  readonly rule: string;
  /** The value where the header is missing. */
  readonly byDefault?: string;
  /** Whether it may be missing; then the parameter is undefined. False by default. */
  readonly optional?: boolean;
  /** Whether several fields of this name are one list. False by default: a request with several is refused. */
  readonly isList?: boolean;
  /** A value that is known without the header, which is not looked at then. */
  readonly known?: (request: FastifyRequest) => string | undefined;
}

/** A header as a parameter of a controller, documented with its pattern; 400 where it is missing or invalid. */
export function headerParameter(header: HeaderRule): () => ParameterDecorator {
  const { name, description, valid, rule, byDefault, optional = false, isList = false, known } = header;
  const refused = (message: string) =>
    new Problem(400, 'validation', `The header ${name} ${message}.`, { errors: [{ field: name, message }] });
  const fromHeader = createParamDecorator((_: unknown, context: ExecutionContext): string | undefined => {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const own = known?.(request);
    if (own !== undefined) return own;
    // Node joins them to one value with commas.
    if (!isList && countOf(name, request) > 1) throw refused('must be given once');
    const value = request.headers[name.toLowerCase()] ?? byDefault;
    if (value === undefined && optional) return undefined;
    if (typeof value === 'string' && valid.test(value)) return value;
    throw refused(value === undefined ? 'is required' : rule);
  });
  const required = byDefault === undefined && !optional;
  const schema = { type: 'string', pattern: valid.source } as const;
  return () => (target, method, index) => {
    fromHeader()(target, method, index);
    if (method === undefined) return;
    const descriptor = Object.getOwnPropertyDescriptor(target, method);
    if (descriptor) ApiHeader({ name, description, required, schema })(target, method, descriptor);
  };
}

const countOf = (name: string, { raw: { rawHeaders } }: FastifyRequest): number =>
  rawHeaders.filter((field, i) => i % 2 === 0 && field.toLowerCase() === name.toLowerCase()).length;

const idempotencyKey = {
  name: 'Idempotency-Key',
  description: 'A request with the same key gets the same response',
  valid: /^[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?$/,
  rule: 'must be 1 to 255 printable ASCII characters, without a blank at either end',
};

/** The required header `Idempotency-Key` as a parameter of a controller; 400 where it is missing or invalid. */
export const IdempotencyKey = headerParameter(idempotencyKey);

/** The same where it may be missing: then the parameter is undefined. */
export const OptionalIdempotencyKey = headerParameter({
  ...idempotencyKey,
  description: `${idempotencyKey.description}; without a key, a repeated request is a new one`,
  optional: true,
});

export const OPERATOR_HEADER = 'X-Operator';

/**
 * The operator's name as a parameter of a controller: the subject of the token. Where `AUTH=off` there is none, and the header
 * `X-Operator` is believed; `unknown` by default.
 */
export const Operator = headerParameter({
  name: OPERATOR_HEADER,
  description:
    'Name of the operator, for the record (default: unknown); where tokens are verified, their subject instead',
  valid: /^[\x21-\x7e](?:[\x20-\x7e]{0,62}[\x21-\x7e])?$/,
  rule: 'must be 1 to 64 printable ASCII characters',
  byDefault: 'unknown',
  // guard: http: an operator acts under the name of the token
  known: (request) => callerOf(request)?.subject,
});

/** The caller of the request as a parameter of a controller; undefined where `AUTH=off`, or on a route that is open to anyone. */
export const CallerOf: () => ParameterDecorator = createParamDecorator(
  (_: unknown, context: ExecutionContext): Caller | undefined =>
    callerOf(context.switchToHttp().getRequest<FastifyRequest>()),
);
