import type { INestApplication } from '@nestjs/common';
import { accessOf, type Routes } from '@orderflow/auth';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { STATUS_CODES } from 'node:http';
import { z } from 'zod';
import { OPERATOR_HEADER } from './headers.js';
import { problemSchema } from './problem.js';

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;
type Responses = Operation['responses'];

const METHODS = ['get', 'put', 'post', 'patch', 'delete'] as const;
const PROBLEM = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } };

interface About {
  readonly title: string;
  readonly description?: string | undefined;
  /** The access table of the service; undefined where no tokens are verified. */
  readonly routes?: Routes | undefined;
}

/**
 * The OpenAPI document of an application. Statuses that every operation can answer with are added to each of them, and every
 * status from 400 on is a problem document: controllers only declare what is special about their operations.
 */
export function documentOf(app: INestApplication, { title, description = '', routes }: About): OpenAPIObject {
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.0.3')
    .setTitle(title)
    .setDescription(`${description} Errors are RFC 9457 problem documents; docs/problems.md explains each type.`.trim())
    .setVersion('1.0')
    .addServer('/');
  if (routes) config.addBearerAuth({ type: 'http', scheme: 'bearer', bearerFormat: 'JWT' }, 'bearer');
  const document = SwaggerModule.createDocument(app, config.build());
  const schemas = ((document.components ??= {}).schemas ??= {});
  schemas['Problem'] = z.toJSONSchema(problemSchema, { target: 'openapi-3.0' }) as (typeof schemas)[string];
  const tags = new Set<string>();
  for (const [url, path] of Object.entries(document.paths)) {
    for (const method of METHODS) {
      const operation = path[method];
      if (operation && routes && isGuarded(routes, method, url)) demandToken(operation);
      if (operation) operation.responses = allResponses(operation, method);
      for (const tag of operation?.tags ?? []) tags.add(tag);
    }
  }
  document.tags = [...tags].toSorted().map((name) => ({ name }));
  return document;
}

/** @param url as in `/orders/{orderId}` */
const isGuarded = (routes: Routes, method: string, url: string): boolean =>
  accessOf(routes, method.toUpperCase(), url.replaceAll(/\{(\w+)\}/g, ':$1')) !== 'anyone';

function demandToken(operation: Operation): void {
  operation.security = [{ bearer: [] }];
  operation.responses = { ...operation.responses, 401: { description: '' }, 403: { description: '' } };
  // The token names the operator.
  const { parameters = [] } = operation;
  operation.parameters = parameters.filter((it) => !('name' in it && it.name === OPERATOR_HEADER));
}

function allResponses(operation: Operation, method: string): Responses {
  const common = commonStatuses(operation, method).map((status) => [status, { description: '' }] as const);
  const all = { ...Object.fromEntries(common), ...operation.responses };
  return Object.fromEntries(
    Object.entries(all).map(([status, response]) => [status, completed(Number(status), response!)]),
  );
}

function commonStatuses({ parameters = [] }: Operation, method: string): number[] {
  const inPath = parameters.some((parameter) => 'in' in parameter && parameter.in === 'path');
  // A body is read before the operation refuses it.
  const ofBodies = method === 'get' ? [] : [408, 413, 415];
  return [400, 406, 429, 431, 500, 503, ...(inPath ? [414] : []), ...ofBodies];
}

function completed(status: number, response: NonNullable<Responses[string]>): Responses[string] {
  if ('$ref' in response) return response;
  const description = response.description || STATUS_CODES[status] || 'Answered';
  return { ...response, description, ...(status >= 400 && { content: PROBLEM }) };
}
