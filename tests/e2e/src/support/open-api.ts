import { demand } from '@orderflow/client';
import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Resolve, Schema } from './schemas.js';

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly schema: Schema;
}

type Content = Readonly<Record<string, { readonly schema: Schema }>>;

interface DocumentedOperation {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly required?: boolean; readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>;
}

export interface Operation {
  /** Upper case. */
  readonly method: string;
  /** As in `/orders/{orderId}`. */
  readonly path: string;
  readonly parameters: readonly Parameter[];
  readonly body: Schema | undefined;
  readonly bodyIsRequired: boolean;
  /** By status: its schema by content type; empty where there is no body. */
  readonly answers: ReadonlyMap<number, ReadonlyMap<string, Schema>>;
}

/** The OpenAPI document of a service. */
export class OpenApi {
  private constructor(
    readonly url: string,
    readonly operations: readonly Operation[],
    private readonly schemas: Readonly<Record<string, Schema>>,
  ) {}

  static async of(url: string): Promise<OpenApi> {
    const { paths, components } = await demand<{
      paths: Record<string, Record<string, DocumentedOperation>>;
      components: { schemas: Record<string, Schema> };
    }>(`${url}/docs-json`);
    const operations = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => operationOf(method.toUpperCase(), path, operation)),
    );
    return new OpenApi(url, operations, components.schemas);
  }

  readonly resolve: Resolve = (schema) => {
    if (schema.$ref === undefined) return schema;
    const named = this.schemas[schema.$ref.split('/').at(-1)!];
    if (named === undefined) throw new Error(`${this.url}: ${schema.$ref} leads nowhere`);
    return named;
  };

  /** The methods of each path. */
  get methods(): ReadonlyMap<string, readonly string[]> {
    return new Map(
      Object.entries(Object.groupBy(this.operations, ({ path }) => path)).map(([path, operations = []]) => [
        path,
        operations.map(({ method }) => method),
      ]),
    );
  }
}

function operationOf(method: string, path: string, documented: DocumentedOperation): Operation {
  const { parameters = [], requestBody, responses } = documented;
  const answers = Object.entries(responses).map(([status, { content = {} }]) => {
    const byType = Object.entries(content).map(([type, { schema }]) => [type, schema] as const);
    return [Number(status), new Map(byType)] as const;
  });
  return {
    method,
    path,
    parameters,
    body: requestBody?.content['application/json']?.schema,
    bodyIsRequired: requestBody?.required ?? false,
    answers: new Map(answers),
  };
}

export interface Sent {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Received {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

const agent = new Agent({ keepAlive: true, maxSockets: 16 });

/** Sends any method, also those that `fetch` refuses. */
export async function send(url: string, { method, path, headers, body }: Sent): Promise<Received> {
  const { promise, resolve, reject } = Promise.withResolvers<Received>();
  const sent = request(url + path, { method, headers, agent, timeout: 20_000 }, (answer) => {
    text(answer).then(
      (received) => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text: received }),
      reject,
    );
  });
  sent.on('error', reject);
  sent.on('timeout', () => sent.destroy(new Error(`${method} ${path}: no answer`)));
  sent.end(body);
  return promise;
}
