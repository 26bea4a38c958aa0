import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Problem } from './problem.js';

const RULE = 'must be 1 to 64 printable ASCII characters';
const USABLE = /^[\x21-\x7e](?:[\x20-\x7e]{0,62}[\x21-\x7e])?$/;

const fromHeader = createParamDecorator((_: unknown, context: ExecutionContext): string => {
  const header = context.switchToHttp().getRequest<FastifyRequest>().headers['x-operator'] ?? 'unknown';
  if (typeof header === 'string' && USABLE.test(header)) return header;
  throw new Problem(400, 'validation', `The header X-Operator ${RULE}.`, {
    errors: [{ field: 'X-Operator', message: RULE }],
  });
});

/** The operator's name from the header `X-Operator` as a parameter of a controller; `unknown` by default. Not authenticated. */
export function Operator(): ParameterDecorator {
  return (target, method, index) => {
    fromHeader()(target, method, index);
    if (method === undefined) return;
    const descriptor = Object.getOwnPropertyDescriptor(target, method);
    const header = {
      name: 'X-Operator',
      required: false,
      description: 'Name of the operator, for the record (default: unknown)',
    };
    if (descriptor) ApiHeader(header)(target, method, descriptor);
  };
}
