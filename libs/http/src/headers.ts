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
}

/** A header as a parameter of a controller, documented with its pattern; 400 where it is missing or invalid. */
export function headerParameter(header: HeaderRule): () => ParameterDecorator {
  const { name, description, valid, rule, byDefault, optional = false } = header;
  const fromHeader = createParamDecorator((_: unknown, context: ExecutionContext): string | undefined => {
    const value = context.switchToHttp().getRequest<FastifyRequest>().headers[name.toLowerCase()] ?? byDefault;
    if (value === undefined && optional) return undefined;
    if (typeof value === 'string' && valid.test(value)) return value;
    const message = value === undefined ? 'is required' : rule;
    throw new Problem(400, 'validation', `The header ${name} ${message}.`, { errors: [{ field: name, message }] });
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

/** The required header `Idempotency-Key` as a parameter of a controller; 400 where it is missing or invalid. */
export const IdempotencyKey = headerParameter({
  name: 'Idempotency-Key',
  description: 'A request with the same key gets the same response',
  valid: /^[\x21-\x7e]{1,128}$/,
  rule: 'must be 1 to 128 visible ASCII characters',
});

/** The operator's name from the header `X-Operator` as a parameter of a controller; `unknown` by default. Not authenticated. */
export const Operator = headerParameter({
  name: 'X-Operator',
  description: 'Name of the operator, for the record (default: unknown)',
  valid: /^[\x21-\x7e](?:[\x20-\x7e]{0,62}[\x21-\x7e])?$/,
  rule: 'must be 1 to 64 printable ASCII characters',
  byDefault: 'unknown',
});
