import 'reflect-metadata';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Body, Controller, Get, Logger, Module, Post } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { type Authentication, type Caller, type Routes, TokenVerifier } from '@orderflow/auth';
import { StartError } from '@orderflow/config';
import { TestTokens } from '@orderflow/testing/tokens';
import { z } from 'zod';
import { CallerOf, createHttpApp, Operator } from './index.js';

const note = z.strictObject({ text: z.string() }).meta({ id: 'Note' });

@Controller('notes')
class NotesController {
  @Get()
  all(@CallerOf() caller: Caller | undefined) {
    return { caller: caller ?? null };
  }

  @Get('open')
  open(@CallerOf() caller: Caller | undefined) {
    return { caller: caller ?? null };
  }

  @Post()
  write(@Body({ schema: note }) _body: z.infer<typeof note>, @Operator() operator: string) {
    return { operator };
  }
}

@Module({ controllers: [NotesController] })
class NotesModule {}

const routes: Routes = {
  'GET /notes': ['customer', 'operator'],
  'GET /notes/open': 'anyone',
  'POST /notes': ['operator'],
  'GET /metrics': ['monitor'],
  'GET /docs*': 'anyone',
};

let tokens: TestTokens;
let app: NestFastifyApplication;
const start = async (auth: Authentication = tokens.verifier, table: { routes?: Routes } = { routes }) => {
  app = await createHttpApp(NotesModule, { service: 'notes', auth, ...table, closeGraceMs: 100 });
  await app.init();
  await app.getHttpAdapter().getInstance().ready();
};

beforeAll(async () => {
  tokens = await TestTokens.create();
});
beforeEach(() => Logger.overrideLogger(false));
afterEach(() => app.close());

type Headers = Record<string, string>;

async function send(method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'OPTIONS', url: string, headers: Headers = {}) {
  const payload = method === 'POST' ? { payload: { text: 'tea' } } : {};
  const answer = await app.inject({ method, url, headers, ...payload });
  return { status: answer.statusCode, headers: answer.headers, text: answer.payload };
}

const bearer = async (...[subject, roles, claims]: Parameters<TestTokens['of']>): Promise<Headers> => ({
  authorization: `Bearer ${await tokens.of(subject, roles, claims)}`,
});

describe('a route that is not open to anyone', () => {
  beforeEach(() => start());

  it('answers the same 401 to every request without a valid token', async () => {
    const token = await tokens.of('ada', ['customer']);
    const others: Headers[] = [
      {},
      { authorization: token },
      { authorization: `Basic ${token}` },
      { authorization: 'Bearer ' },
      { authorization: 'Bearer a.b.c' },
      { authorization: `Bearer ${token}, Bearer ${token}` },
      await bearer('ada', ['customer'], { exp: 1 }),
      await bearer('ada', ['customer'], { aud: 'other' }),
    ];
    const answers = await Promise.all(others.map((headers) => send('GET', '/notes', headers)));
    for (const { status, headers, text } of answers) {
      expect([status, headers['www-authenticate'], text]).toEqual([401, 'Bearer', answers[0]!.text]);
      expect(headers['content-type']).toContain('application/problem+json');
    }
    expect(JSON.parse(answers[0]!.text)).toMatchObject({ type: 'urn:orderflow:problem:unauthenticated', status: 401 });
  });

  it('does not look for a token in the query', async () => {
    const token = await tokens.of('ada', ['customer']);
    for (const name of ['access_token', 'token', 'authorization'])
      expect(await send('GET', `/notes?${name}=${token}`)).toMatchObject({ status: 401 });
  });

  it('tells its handler who calls', async () => {
    const headers = await bearer('ada', ['customer']);
    const { caller } = JSON.parse((await send('GET', '/notes', headers)).text) as { caller: Caller };
    expect(caller).toEqual({
      subject: 'ada',
      roles: ['customer'],
      customerId: 'ada',
      expiresAt: expect.any(String),
      token: headers['authorization']!.slice('Bearer '.length),
    });
  });

  it('takes the scheme in any case', async () => {
    const { authorization } = await bearer('ada', ['customer']);
    expect(await send('GET', '/notes', { authorization: authorization!.replace('Bearer', 'bearer') })).toMatchObject({
      status: 200,
    });
  });

  // proves: http: a route is closed to every role that the table does not name
  it('answers 403 to a role that the table does not name, and names those that it does', async () => {
    for (const roles of [[], ['customer'], ['monitor']] as const) {
      const { status, text } = await send('POST', '/notes', await bearer('ada', roles));
      expect([status, JSON.parse(text)]).toMatchObject([403, { type: 'urn:orderflow:problem:forbidden' }]);
      expect(text).toContain('operator');
    }
    for (const role of ['operator', 'admin'] as const)
      expect(await send('POST', '/notes', await bearer('grace', [role]))).toMatchObject({ status: 201 });
  });

  it('refuses before it reads the body', async () => {
    const headers = { 'content-type': 'application/json', 'content-length': '600000' };
    expect(await send('POST', '/notes', headers)).toMatchObject({ status: 401 });
  });

  it('is guarded with HEAD as with GET', async () => {
    expect(await send('HEAD', '/notes')).toMatchObject({ status: 401 });
    expect(await send('HEAD', '/notes', await bearer('ada', ['customer']))).toMatchObject({ status: 200 });
  });

  it('may be one that Nest does not know', async () => {
    expect(await send('GET', '/metrics')).toMatchObject({ status: 401 });
    expect(await send('GET', '/metrics', await bearer('prometheus', ['monitor']))).toMatchObject({ status: 200 });
  });
});

describe('without a token', () => {
  beforeEach(() => start());

  it('routes that are open to anyone answer, and know no caller, not even one with a token', async () => {
    for (const headers of [{}, await bearer('ada', ['customer']), { authorization: 'Bearer a.b.c' }])
      expect(await send('GET', '/notes/open', headers)).toMatchObject({ status: 200, text: '{"caller":null}' });
    expect(await send('GET', '/docs-json')).toMatchObject({ status: 200 });
  });

  it('unknown addresses are 404, unknown methods 405, and OPTIONS 204', async () => {
    expect(await send('GET', '/nowhere')).toMatchObject({ status: 404 });
    expect(await send('PUT', '/notes')).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD, OPTIONS, POST' } });
    expect(await send('OPTIONS', '/notes')).toMatchObject({ status: 204 });
  });
});

describe('the operator of an action', () => {
  // proves: http: an operator acts under the name of the token
  it('is the subject of the token, whatever X-Operator says', async () => {
    await start();
    const headers = { ...(await bearer('grace', ['operator'])), 'x-operator': 'eve' };
    expect((await send('POST', '/notes', headers)).text).toBe('{"operator":"grace"}');
  });

  it('is the name in X-Operator where no tokens are verified', async () => {
    await start('off');
    expect((await send('POST', '/notes', { 'x-operator': 'ada' })).text).toBe('{"operator":"ada"}');
    expect((await send('POST', '/notes')).text).toBe('{"operator":"unknown"}');
  });
});

it('keys that cannot be read are a 503, to be tried again', async () => {
  const rules = { issuer: 'orderflow', audience: 'orderflow' };
  await start(new TokenVerifier(() => Promise.reject(new Error('no answer from login.internal')), rules));
  const { status, headers, text } = await send('GET', '/notes', await bearer('ada', ['customer']));
  expect([status, headers['retry-after']]).toEqual([503, '2']);
  expect(text).toContain('urn:orderflow:problem:unavailable');
  expect(text).not.toContain('login.internal');
});

describe('a program with a route that the access table does not have', () => {
  const { 'POST /notes': _left, ...others } = routes;

  // proves: http: no program starts with a route that the access table does not have
  it('does not start, and names the route', async () => {
    for (const auth of [tokens.verifier, 'off'] as const) {
      const error = await start(auth, { routes: others }).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(StartError);
      expect(String(error)).toContain('POST /notes of notes');
      await app.close();
    }
  });

  it('is open where there is no table, and no tokens are verified', async () => {
    await start('off', {});
    expect(await send('GET', '/notes')).toMatchObject({ status: 200 });
  });

  it('does not start without a table where tokens are verified', async () => {
    await expect(start(tokens.verifier, {})).rejects.toThrow('GET /notes');
  });
});

describe('the OpenAPI document', () => {
  type Operation = { security?: object[]; responses: object; parameters?: { name: string }[] };
  const operations = async () => {
    const { paths, components } = JSON.parse((await send('GET', '/docs-json')).text) as {
      paths: Record<string, Record<string, Operation>>;
      components: { securitySchemes?: object };
    };
    return {
      write: paths['/notes']!['post']!,
      open: paths['/notes/open']!['get']!,
      schemes: components.securitySchemes,
    };
  };

  it('has the scheme, 401 and 403 on guarded operations, and no X-Operator', async () => {
    await start();
    const { write, open, schemes } = await operations();
    expect(schemes).toMatchObject({ bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } });
    expect(write.security).toEqual([{ bearer: [] }]);
    expect(Object.keys(write.responses)).toEqual(expect.arrayContaining(['401', '403']));
    expect((write.parameters ?? []).map(({ name }) => name)).not.toContain('X-Operator');
    expect(open.security).toBeUndefined();
    expect(Object.keys(open.responses)).not.toContain('401');
  });

  it('says nothing of tokens where none are verified', async () => {
    await start('off');
    const { write, schemes } = await operations();
    expect([write.security, schemes]).toEqual([undefined, undefined]);
    expect(Object.keys(write.responses)).not.toContain('401');
    expect(write.parameters!.map(({ name }) => name)).toContain('X-Operator');
  });
});
