import { beforeAll, describe, expect, it } from '@jest/globals';
import { inParallel, type ServiceName, serviceNames } from '@orderflow/client';
import fc from 'fast-check';
import { randomInt, randomUUID } from 'node:crypto';
import { OpenApi, type Operation, type Parameter, type Received, send, type Sent } from './support/open-api.js';
import { invalidOf, invalidTextOf, isValid, type Known, type Schema, validOf } from './support/schemas.js';
import { TestSystem } from './support/test-system.js';

const SEED = Number(process.env['API_SEED'] ?? randomInt(2 ** 31));
const EACH = 25;
const AT_ONCE = 16;
const METHODS = ['GET', 'PUT', 'POST', 'PATCH', 'DELETE', 'TRACE', 'QUERY'];
/** Its valid requests turn faults on. */
const NOT_DONE = 'PUT /faults';

const system = new TestSystem();
let known: Known;

beforeAll(async () => {
  const sku = await system.client.newProduct({ units: 1_000_000 });
  const orderId = await system.client.place({ lines: [{ sku, quantity: 1 }] });
  await system.client.settled(orderId);
  known = {
    sku: [sku],
    orderId: [orderId],
    currency: ['EUR'],
    paymentToken: ['tok_visa'],
    token: ['tok_visa'],
    id: ['1'],
  };
});

const sampled = <T>(values: fc.Arbitrary<T>): T[] => fc.sample(values, { numRuns: EACH, seed: SEED });

/** A part of a request: a parameter as it is sent, or undefined where it is left out. */
const partOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** Headers carry visible ASCII only; a segment of dots vanishes from a URL. */
const isSendable = ({ in: place }: Parameter, value: unknown): boolean => {
  if (place === 'header') return /^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/.test(partOf(value));
  return place === 'query' || !/^\.{0,2}$/.test(partOf(value));
};

type Values = Readonly<Record<string, unknown>>;

function requestOf({ method, path, parameters, body }: Operation, values: Values, content: unknown): Sent {
  const query = new URLSearchParams();
  const headers: Record<string, string> = {};
  let url = path;
  for (const { name, in: place } of parameters) {
    if (values[name] === undefined) continue;
    if (place === 'path') url = url.replace(`{${name}}`, encodeURIComponent(partOf(values[name])));
    else if (place === 'query') query.set(name, partOf(values[name]));
    else headers[name.toLowerCase()] = partOf(values[name]);
  }
  const search = query.size > 0 ? `?${query.toString()}` : '';
  if (body === undefined || content === undefined) return { method, path: url + search, headers };
  return {
    method,
    path: url + search,
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify(content),
  };
}

/** Valid values of all parameters. */
function valuesOf(api: OpenApi, { parameters }: Operation): fc.Arbitrary<Values> {
  const entries = parameters.map((parameter) => {
    const { name, schema, required } = parameter;
    const valid = validOf(schema, api.resolve, known, name).filter((value) => isSendable(parameter, value));
    return [name, required ? valid : fc.option(valid, { nil: undefined })] as const;
  });
  return fc.record(Object.fromEntries(entries)) as fc.Arbitrary<Values>;
}

const validRequests = (api: OpenApi, operation: Operation): Sent[] => {
  const { body, bodyIsRequired } = operation;
  const content = body ? validOf(body, api.resolve, known) : fc.constant(undefined);
  const sometimes = bodyIsRequired ? content : fc.option(content, { nil: undefined });
  return sampled(fc.tuple(valuesOf(api, operation), sometimes)).map(([values, sent]) =>
    requestOf(operation, values, sent),
  );
};

/** One parameter or the body is not valid. */
function invalidRequests(api: OpenApi, operation: Operation): Sent[] {
  const { parameters, body } = operation;
  const good = body ? validOf(body, api.resolve, known) : fc.constant(undefined);
  const values = valuesOf(api, operation);
  const broken = parameters.flatMap((parameter) => {
    const invalid = invalidTextOf(parameter.schema, api.resolve)?.filter((value) => isSendable(parameter, value));
    if (invalid === undefined) return [];
    const withInvalid = fc.tuple(values, invalid).map(([others, value]) => ({ ...others, [parameter.name]: value }));
    return [fc.tuple(withInvalid, good)];
  });
  if (body) broken.push(fc.tuple(values, invalidOf(body, api.resolve, known)));
  if (broken.length === 0) return [];
  return sampled(fc.oneof(...broken)).map(([parts, sent]) => requestOf(operation, parts, sent));
}

/** What the document of the operation does not say about an answer; empty where it is as documented. */
function deviationsOf(api: OpenApi, { answers }: Operation, { status, headers, text }: Received): string[] {
  const byType = answers.get(status);
  if (byType === undefined) return [`status ${status} is not documented`];
  if (status >= 500) return [`status ${status}`];
  const type = (headers['content-type'] ?? '').split(';', 1)[0]!;
  if (byType.size === 0) return text === '' ? [] : [`${status} has a body`];
  const schema: Schema | undefined = byType.get(type);
  if (schema === undefined) return [`${status} is ${type}`];
  const content: unknown = type.endsWith('json') ? JSON.parse(text) : text;
  return isValid(schema, content, api.resolve) ? [] : [`${status} breaks its schema: ${text}`];
}

/** The requests whose answers deviate, with the reasons. */
async function failuresOf(
  api: OpenApi,
  operation: Operation,
  requests: readonly Sent[],
  isRight: (status: number) => boolean,
) {
  const failures: object[] = [];
  await inParallel(requests.length, AT_ONCE, async (index) => {
    const answer = await send(api.url, requests[index]!);
    const reasons = deviationsOf(api, operation, answer);
    if (!isRight(answer.status)) reasons.push(`status ${answer.status}: ${answer.text}`);
    if (reasons.length > 0) failures.push({ request: requests[index], reasons });
  });
  return failures.slice(0, 3);
}

describe.each<ServiceName>(serviceNames)(`the API of %s (API_SEED=${SEED})`, (name) => {
  let api: OpenApi;
  beforeAll(async () => {
    api = await OpenApi.of(system.client.urls[name]);
  });

  it('answers requests that are valid by its document as it says, and refuses none as malformed', async () => {
    for (const operation of api.operations) {
      if (`${operation.method} ${operation.path}` === NOT_DONE) continue;
      const isRight = (status: number) => ![400, 406, 413, 414, 415].includes(status);
      expect(await failuresOf(api, operation, validRequests(api, operation), isRight)).toEqual([]);
    }
  });

  it('refuses requests that are not valid by its document', async () => {
    for (const operation of api.operations) {
      // A path can be too long for its route before its value is looked at.
      const isRight = (status: number) => status === 400 || status === 414;
      expect(await failuresOf(api, operation, invalidRequests(api, operation), isRight)).toEqual([]);
    }
  });

  it('answers methods that its document does not have with 405 and those that it has', async () => {
    for (const [template, declared] of api.methods) {
      const path = template.replaceAll(/\{\w+\}/g, randomUUID());
      const allowed = [...declared, ...(declared.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].toSorted().join(', ');
      for (const method of METHODS.filter((other) => !declared.includes(other))) {
        const { status, headers } = await send(api.url, { method, path, headers: {} });
        expect({ method, path, status, allow: headers['allow'] }).toEqual({
          method,
          path,
          status: 405,
          allow: allowed,
        });
      }
      const options = await send(api.url, { method: 'OPTIONS', path, headers: {} });
      expect([options.status, options.headers['allow'], options.text]).toEqual([204, allowed, '']);
    }
  });
});
