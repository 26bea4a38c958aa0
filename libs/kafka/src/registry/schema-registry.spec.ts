import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { isTransient, RegistrySetupError } from '../errors.js';
import { resolveSchemas } from './resolve-schemas.js';
import { SchemaRegistry } from './schema-registry.js';

let answer: { status: number; body: string };
const server = createServer((_request, response) => {
  response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body);
});
let registry: SchemaRegistry;
let unreachable: SchemaRegistry;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const closed = createServer();
  await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
  unreachable = new SchemaRegistry(`http://127.0.0.1:${(closed.address() as AddressInfo).port}`);
  closed.close();
  registry = new SchemaRegistry(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
});
afterAll(() => void server.close());

const errorOf = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error);

describe('the client of the registry', () => {
  it.each([
    [500, '{"message":"broken"}'],
    [503, 'gone'],
    [200, 'not json'],
    [429, '{}'],
  ])('treats the answer %d %s as a transient error', async (status, body) => {
    answer = { status, body };
    expect(isTransient(await errorOf(registry.schemaById(1)))).toBe(true);
  });

  it('treats an unreachable registry as a transient error', async () => {
    expect(isTransient(await errorOf(unreachable.schemaById(1)))).toBe(true);
  });

  it('names the reason of a refused schema in one line', async () => {
    answer = { status: 422, body: '{"error_code":42201,"message":"Invalid schema\\nat line 1"}' };
    expect(await errorOf(registry.register('s', {}))).toMatchObject({
      name: 'StartError',
      message: expect.stringMatching(/^schema s is refused.*422 Invalid schema$/),
    });
  });
});

describe('a start without registry', () => {
  it('waits for it, then ends with one line that names the variable', async () => {
    const error = await errorOf(resolveSchemas(unreachable, ['OrderPlaced'], true, { withinMs: 200 }));
    expect(error).toBeInstanceOf(RegistrySetupError);
    expect((error as Error).message).toMatch(/^SCHEMA_REGISTRY_URL: .*ECONNREFUSED.*$/);
  });
});

describe('a start at a registry whose rules are its own', () => {
  const underRule = (rule: string) => ({
    register: async () => Promise.resolve(1),
    idOf: async () => Promise.resolve(1),
    demandCompatibility: async () => Promise.resolve(),
    compatibilityOf: async () => Promise.resolve(rule),
  });
  const weak = underRule('BACKWARD');

  it('knows the schema ids where the rule is FULL_TRANSITIVE', async () => {
    const ids = await resolveSchemas(underRule('FULL_TRANSITIVE'), ['OrderPlaced'], false, { withinMs: 0 });
    expect([...ids]).toEqual([['OrderPlaced', 1]]);
  });

  it.each([true, false])(
    'ends at a weaker rule with one line that names subject and rule (register: %s)',
    async (autoRegister) => {
      const error = await errorOf(resolveSchemas(weak, ['OrderPlaced'], autoRegister, { withinMs: 0 }));
      expect(error).toBeInstanceOf(RegistrySetupError);
      expect((error as Error).message).toMatch(
        /^schema orderflow.orders.OrderPlaced is under the rule BACKWARD, it must be FULL_TRANSITIVE .*orderflow schemas --register"$/,
      );
    },
  );
});
