import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { LetterOverview } from '@orderflow/console-api';
import { createHttpApp } from '@orderflow/http';
import { TestTokens } from '@orderflow/testing/tokens';
import { LettersOfServices } from '../src/adapters/letters/letters-of-services.js';
import { ServiceRoutes } from '../src/adapters/letters/service-routes.js';
import { Clock } from '../src/domain/clock.js';
import { Journal } from '../src/domain/journal.js';
import { Letters } from '../src/domain/letters/letters.js';
import { BreaksController } from '../src/http/breaks.controller.js';
import { CommandsController } from '../src/http/commands.controller.js';
import { ConsoleSettings } from '../src/http/console-settings.js';
import { EventsController } from '../src/http/events.controller.js';
import { LettersController } from '../src/http/letters/letters.controller.js';
import { tokenOf } from '../src/http/session/session-cookie.js';
import { AUTHENTICATION, SessionController } from '../src/http/session/session.controller.js';

const NOW = Date.UTC(2026, 10, 24);
const OWN = { 'x-console': '1' };
const ORDER = '/api/orders/0198f3a2-7e4f-7000-8000-0000000077aa/cancel';

/** In the place of every service: what it is asked, and with which token. */
const asked: { method: string; path: string; token: string | undefined }[] = [];
let answers: { readonly status: number; readonly body: object };
let services: Server;
let tokens: TestTokens;
let app: NestFastifyApplication;

beforeAll(async () => {
  Logger.overrideLogger(false);
  tokens = await TestTokens.create();
  services = createServer(({ method = '', url = '', headers }, reply) => {
    asked.push({ method, path: url.split('?')[0]!, token: headers.authorization?.replace('Bearer ', '') });
    reply.writeHead(answers.status, { 'content-type': 'application/json' }).end(JSON.stringify(answers.body));
  });
  await new Promise<void>((resolve) => services.listen(0, '127.0.0.1', resolve));
  app = await start(tokens);
});
afterAll(async () => {
  await app.close();
  services.close();
});
beforeEach(() => {
  asked.length = 0;
  answers = { status: 200, body: { items: [], next: null } };
});

async function start(known: TestTokens | 'off'): Promise<NestFastifyApplication> {
  const auth = known === 'off' ? 'off' : known.verifier;
  const url = `http://127.0.0.1:${(services.address() as AddressInfo).port}`;
  const urls = { orders: url, inventory: url, payments: url, notifications: url };
  const module = {
    module: class Edge {},
    controllers: [SessionController, EventsController, CommandsController, LettersController, BreaksController],
    providers: [
      { provide: AUTHENTICATION, useValue: auth },
      { provide: ConsoleSettings, useValue: new ConsoleSettings(urls, undefined, true, url) },
      { provide: Letters, useValue: new LettersOfServices(new ServiceRoutes(urls, 'token.of.console')) },
      { provide: Clock, useValue: { now: () => NOW } },
      { provide: Journal, useValue: { since: async () => undefined } },
    ],
  };
  const started = await createHttpApp(module, {
    service: 'console',
    auth,
    tokenOf,
    closeGraceMs: 100,
    edge: { trustedProxies: ['loopback'] },
  });
  await started.init();
  await started.getHttpAdapter().getInstance().ready();
  return started;
}

const request = (
  method: 'GET' | 'POST' | 'DELETE',
  url: string,
  headers: Record<string, string> = {},
  payload?: object,
  on = app,
) => on.inject({ method, url, headers, ...(payload && { payload }) });

const beginWith = (token: string, headers: Record<string, string> = OWN) =>
  request('POST', '/api/session', headers, { token });

const cookieOf = (answer: Awaited<ReturnType<typeof request>>): string =>
  String(answer.headers['set-cookie']).split(';')[0]!;

describe('a session', () => {
  it('is a cookie that scripts do not see, that other sites do not send, and that ends with its token', async () => {
    const exp = Math.floor(Date.now() / 1_000) + 300;
    const token = await tokens.of('olga', ['operator'], { exp });
    const answer = await beginWith(token);
    const until = new Date(exp * 1_000);
    expect(answer.json()).toEqual({
      subject: 'olga',
      roles: ['operator', 'monitor'],
      until: until.toISOString(),
    });
    expect(answer.body).not.toContain(token);
    expect(String(answer.headers['set-cookie']).split('; ').toSorted()).toEqual(
      [
        `Expires=${until.toUTCString()}`,
        'HttpOnly',
        'Path=/',
        'SameSite=Strict',
        `orderflow_session=${token}`,
      ].toSorted(),
    );
    const me = await request('GET', '/api/me', { cookie: `theme=dark; ${cookieOf(answer)}` });
    expect(me.json()).toMatchObject({
      now: new Date(NOW).toISOString(),
      caller: { subject: 'olga', until: until.toISOString() },
    });
  });

  it('is bound to https and to this host where the request came by https', async () => {
    const https = { ...OWN, 'x-forwarded-proto': 'https' };
    const answer = await beginWith(await tokens.of('olga', ['operator']), https);
    expect(String(answer.headers['set-cookie'])).toMatch(/^__Host-orderflow_session=.*; Secure/);
    const cookie = cookieOf(answer);
    expect((await request('GET', '/api/me', { ...https, cookie })).statusCode).toBe(200);
    const other = cookie.replace('__Host-', '');
    expect((await request('GET', '/api/me', { ...https, cookie: other })).statusCode).toBe(401);
  });

  it('is over when it is ended', async () => {
    const answer = await request('DELETE', '/api/session', OWN);
    expect(answer.statusCode).toBe(204);
    expect(String(answer.headers['set-cookie'])).toMatch(/^orderflow_session=;.*Expires=Thu, 01 Jan 1970 00:00:00 GMT/);
  });

  it('is begun with no token that is not valid, and the answer is that of every other refusal', async () => {
    const late = await tokens.of('olga', ['operator'], { exp: Math.floor(Date.now() / 1_000) - 60 });
    const stranger = await (await TestTokens.create()).of('olga', ['operator']);
    const refused = await Promise.all([late, stranger, 'a.b.c'].map((token) => beginWith(token)));
    const withoutAny = await request('GET', '/api/me');
    const { detail } = withoutAny.json<{ detail: string }>();
    for (const answer of [...refused, withoutAny]) {
      expect([answer.statusCode, answer.headers['www-authenticate']]).toEqual([401, 'Bearer']);
      expect(answer.headers['set-cookie']).toBeUndefined();
      expect(answer.json<object>()).toMatchObject({ type: 'urn:orderflow:problem:unauthenticated', detail });
    }
    expect((await beginWith('no token')).statusCode).toBe(400);
  });

  // proves: console: a session is an operator's
  // proves: console: another site signs no reader in
  it("is an operator's, and is begun by a page of the console alone", async () => {
    for (const role of ['customer', 'monitor'] as const)
      expect((await beginWith(await tokens.of('ada', [role]))).statusCode).toBe(403);
    const token = await tokens.of('olga', ['operator']);
    expect((await beginWith(token, {})).statusCode).toBe(403);
    expect((await beginWith(token, { ...OWN, origin: 'http://elsewhere.example' })).statusCode).toBe(403);
    expect((await request('DELETE', '/api/session')).statusCode).toBe(403);
  });

  it('does not exist where AUTH is off: then everybody may read, and a token is not looked at', async () => {
    const open = await start('off');
    const me = await request('GET', '/api/me', { authorization: 'Bearer nonsense' }, undefined, open);
    expect([me.statusCode, me.json<{ caller: unknown }>().caller]).toEqual([200, null]);
    const begun = await request('POST', '/api/session', OWN, { token: 'a.b.c' }, open);
    expect(begun.statusCode).toBe(404);
    await open.close();
  });
});

describe('a request with a session', () => {
  const signedIn = async (sub: string, role: 'operator' | 'admin') => {
    const token = await tokens.of(sub, [role]);
    return { token, headers: { ...OWN, cookie: cookieOf(await beginWith(token)) } };
  };

  // proves: console: a token that is sent along comes before the session
  it('is of the token in its header, where it has one: of no session when that token is not valid', async () => {
    const { headers } = await signedIn('olga', 'operator');
    const adam = await tokens.of('adam', ['admin']);
    const me = await request('GET', '/api/me', { ...headers, authorization: `Bearer ${adam}` });
    expect(me.json()).toMatchObject({ caller: { subject: 'adam' } });
    expect((await request('GET', '/api/me', { ...headers, authorization: 'Bearer old' })).statusCode).toBe(401);
    expect((await request('GET', `/api/me?token=${adam}`)).statusCode).toBe(401);
  });

  // proves: console: a command is sent on in the name of its caller
  it('sends a command on with the token of its caller, and needs the header of the pages all the same', async () => {
    const { token, headers } = await signedIn('olga', 'operator');
    expect((await request('POST', ORDER, { cookie: headers.cookie })).statusCode).toBe(403);
    expect(asked).toEqual([]);
    expect((await request('POST', ORDER, headers)).statusCode).toBe(200);
    expect(asked).toEqual([{ method: 'POST', path: ORDER.replace('/api', ''), token }]);
    answers = { status: 401, body: { detail: 'The request needs a valid bearer token.' } };
    expect((await request('POST', ORDER, headers)).statusCode).toBe(401);
  });

  it('breaks something for an admin alone, with the token of that admin', async () => {
    const olga = await signedIn('olga', 'operator');
    expect((await request('POST', '/api/breaks/mail-away', olga.headers, {})).statusCode).toBe(403);
    expect(asked).toEqual([]);
    const adam = await signedIn('adam', 'admin');
    answers = { status: 200, body: { payments: {}, mail: {}, last: { payments: null, mail: null } } };
    expect((await request('POST', '/api/breaks/mail-away', adam.headers, {})).statusCode).toBe(200);
    expect(asked).toEqual([{ method: 'PUT', path: '/faults', token: adam.token }]);
  });

  it('reads the lists of letters with the token of the console, which all pages share', async () => {
    const { headers } = await signedIn('olga', 'operator');
    expect((await request('GET', '/api/letters', headers)).json<LetterOverview>().groups).toEqual([]);
    expect(new Set(asked.map(({ token }) => token))).toEqual(new Set(['token.of.console']));
  });

  it('acts on letters with the token of its caller, and a refusal of the service is an outcome', async () => {
    const { token, headers } = await signedIn('olga', 'operator');
    const letter = { service: 'payments', kind: 'call', id: 'charge-1', state: 'dead' };
    const body = { action: 'settle', as: 'void', reason: 'by hand', letters: [letter], expected: 0 };
    answers = { status: 403, body: { type: 'urn:orderflow:problem:forbidden', detail: 'The token lacks the role.' } };
    const refused = await request('POST', '/api/letters/actions', headers, body);
    expect([refused.statusCode, refused.json<{ detail: string }>().detail]).toEqual([403, 'The token lacks the role.']);
    expect(asked.map((it) => it.token)).toEqual([token]);
  });
});
