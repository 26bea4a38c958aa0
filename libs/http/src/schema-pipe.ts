import { type ArgumentMetadata, Injectable, StandardSchemaValidationPipe } from '@nestjs/common';
import { type FieldError, Problem } from './problem.js';

const FORBIDDEN_KEYS = ['__proto__', 'constructor', 'prototype'];
const MOST_ERRORS = 20;
// Three levels are the most that any schema has.
const MOST_DEPTH = 16;

interface Issue {
  message: string;
  path?: readonly (PropertyKey | { key: PropertyKey })[] | undefined;
}

/**
 * Nest's schema pipe (`@Body({ schema })`, `@Query({ schema })`, `@Param('id', { schema })`) that answers an invalid request
 * with 400 `urn:orderflow:problem:validation` and names every invalid field. Keys such as `__proto__` are refused at any
 * depth; Nest's own pipe would drop them silently.
 */
@Injectable()
export class SchemaPipe extends StandardSchemaValidationPipe {
  override async transform<T = unknown>(value: T, metadata: ArgumentMetadata): Promise<T> {
    if (!metadata.schema || !this.toValidate(metadata)) return value;
    refuseUnsafe(value);
    const result = await this.validate<T>(value, metadata.schema);
    if (!result.issues) return result.value;
    if (metadata.type === 'body' && value === undefined)
      throw new Problem(400, 'malformed-json', 'The body is empty, and has to be JSON.');
    const errors = result.issues.slice(0, MOST_ERRORS).flatMap((issue) => fieldErrors(issue, metadata.data));
    throw new Problem(400, 'validation', `The ${PLACES[metadata.type]} is not valid.`, {
      errors: errors.slice(0, MOST_ERRORS),
    });
  }
}

const PLACES = { body: 'body', query: 'query', param: 'path', custom: 'request' } as const;

function fieldErrors(issue: Issue, parameter: string | undefined): FieldError[] {
  const field = fieldName(issue.path ?? [], parameter);
  const { code, keys } = issue as { code?: unknown; keys?: unknown };
  if (code === 'unrecognized_keys' && Array.isArray(keys)) {
    return keys.map((key) => ({ field: joined(field, String(key).slice(0, 64)), message: 'is not a known field' }));
  }
  return [{ field, message: issue.message }];
}

function fieldName(path: NonNullable<Issue['path']>, parameter: string | undefined): string {
  return path.reduce<string>((name, segment) => {
    const key = typeof segment === 'object' ? segment.key : segment;
    return typeof key === 'number' ? `${name}[${key}]` : joined(name, String(key).slice(0, 64));
  }, parameter ?? '');
}

const joined = (parent: string, key: string): string => (parent === '' ? key : `${parent}.${key}`);

/** @throws Problem for a forbidden key, deep nesting, and half of a surrogate pair, which neither UTF-8 nor PostgreSQL can hold */
function refuseUnsafe(value: unknown): void {
  // A work list instead of recursion: a deeply nested body would overflow the stack.
  const open: [value: unknown, depth: number][] = [[value, 0]];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [current, depth] = next;
    if (typeof current === 'string' && !current.isWellFormed()) {
      throw new Problem(400, 'malformed-json', 'The request contains text that is not valid Unicode.');
    }
    if (typeof current !== 'object' || current === null) continue;
    const forbidden = FORBIDDEN_KEYS.find((key) => Object.hasOwn(current, key));
    if (forbidden !== undefined) {
      throw new Problem(400, 'validation', 'The request contains a forbidden key.', {
        errors: [{ field: forbidden, message: 'is a forbidden key' }],
      });
    }
    if (depth === MOST_DEPTH) throw new Problem(400, 'validation', `The request has more than ${MOST_DEPTH} levels.`);
    for (const inner of Object.values(current)) open.push([inner, depth + 1]);
  }
}
