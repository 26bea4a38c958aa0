import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { createHash } from 'node:crypto';
import { Problem } from './problem.js';

const RULE = 'must be 1 to 128 visible ASCII characters';

const USABLE = /^[\x21-\x7e]{1,128}$/;

const fromHeader = createParamDecorator((_: unknown, context: ExecutionContext): string => {
  const header = context.switchToHttp().getRequest<FastifyRequest>().headers['idempotency-key'];
  if (typeof header === 'string' && USABLE.test(header)) return header;
  const message = header === undefined ? 'is required' : RULE;
  throw new Problem(400, 'validation', `The header Idempotency-Key ${message}.`, {
    errors: [{ field: 'Idempotency-Key', message }],
  });
});

/** The required header `Idempotency-Key` as a parameter of a controller; 400 where it is missing or invalid. */
export function IdempotencyKey(): ParameterDecorator {
  return (target, method, index) => {
    fromHeader()(target, method, index);
    if (method === undefined) return;
    const descriptor = Object.getOwnPropertyDescriptor(target, method);
    const header = {
      name: 'Idempotency-Key',
      required: true,
      description: 'A request with the same key gets the same response',
    };
    if (descriptor) ApiHeader(header)(target, method, descriptor);
  };
}

/**
 * A fingerprint of a body, independent of the order of its keys: base64url of a SHA-256 over the canonical JSON. It
 * distinguishes a repeated request from another request with the same idempotency key.
 */
export function bodyFingerprint(body: unknown): string {
  return createHash('sha256').update(canonical(body)).digest('base64url');
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
