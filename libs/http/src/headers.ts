import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
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
}

/** A header as a parameter of a controller, documented with its pattern; 400 where it is missing or invalid. */
export function headerParameter(header: HeaderRule): () => ParameterDecorator {
  const { name, description, valid, rule, byDefault, optional = false, isList = false } = header;
  const refused = (message: string) =>
    new Problem(400, 'validation', `The header ${name} ${message}.`, { errors: [{ field: name, message }] });
  const fromHeader = createParamDecorator((_: unknown, context: ExecutionContext): string | undefined => {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
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

/** The operator's name from the header `X-Operator` as a parameter of a controller; `unknown` by default. Not authenticated. */
export const Operator = headerParameter({
  name: 'X-Operator',
  description: 'Name of the operator, for the record (default: unknown)',
  valid: /^[\x21-\x7e](?:[\x20-\x7e]{0,62}[\x21-\x7e])?$/,
  rule: 'must be 1 to 64 printable ASCII characters',
  byDefault: 'unknown',
});
