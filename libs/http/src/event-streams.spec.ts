import 'reflect-metadata';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Controller, Get, Logger, Res } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Authentication } from '@orderflow/auth';
import { TestTokens } from '@orderflow/testing/tokens';
import fastify, { type FastifyReply } from 'fastify';
import { once } from 'node:events';
import { connect } from 'node:net';
import { createHttpApp } from './app.js';
import { EventStream, EventStreamed } from './event-stream.js';
import { EventStreams } from './event-streams.js';
import { boundRequests } from './limits.js';

const MEGABYTE = 'x'.repeat(1_000_000);

let streams: EventStreams<{ sent: number }>;
let opened: EventStream<{ sent: number }>[];
let errors: unknown[];
let tick: () => void;
let arrived: () => void;

@Controller('numbers')
class NumbersController {
  @Get()
  @EventStreamed()
  async numbers(@Res() reply: FastifyReply): Promise<void> {
    opened.push(streams.open(reply, { sent: 0 }));
  }

  /** Opens the stream once its client has gone. */
  @Get('late')
  @EventStreamed()
  async late(@Res() reply: FastifyReply): Promise<void> {
    arrived();
    await once(reply.raw, 'close');
    opened.push(streams.open(reply, { sent: 0 }));
  }
}

let app: NestFastifyApplication;
let url: string;

beforeEach(async () => {
  Logger.overrideLogger(false);
  [opened, errors] = [[], []];
  tick = () => undefined;
  streams = new EventStreams({
    tickMs: 1,
    most: 2,
    onError: (error) => errors.push(error),
    tick: async (open) => {
      tick();
      for (const stream of open.filter(({ isReady }) => isReady)) {
        stream.send([{ name: 'number', data: { text: MEGABYTE } }], String((stream.state.sent += 1)));
      }
    },
  });
  await start('off');
});
async function start(auth: Authentication): Promise<void> {
  app = await createHttpApp(
    { module: class Edge {}, controllers: [NumbersController] },
    { service: 'test', auth, routes: { 'GET /numbers': ['customer'], 'GET /*': 'anyone' } },
  );
  await app.listen(0, '127.0.0.1');
  url = `${await app.getUrl()}/numbers`;
}
afterEach(async () => {
  streams.end();
  await app.close();
});

const turn = () => new Promise((resolve) => setImmediate(resolve));
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await turn();
}

/** A request whose client goes while its handler runs. */
async function askAndLeave(late: string): Promise<void> {
  const gone = new AbortController();
  const arrival = new Promise<void>((resolve) => (arrived = resolve));
  const answer = fetch(late, { signal: gone.signal });
  await arrival;
  gone.abort();
  await expect(answer).rejects.toThrow('aborted');
}

async function listen(headers: Record<string, string> = {}) {
  const gone = new AbortController();
  const answer = await fetch(url, { headers, signal: gone.signal });
  return { answer, leave: () => gone.abort() };
}

describe('streams of events', () => {
  it('are answers of their type that no cache stores, and begin with the time after which a client comes back', async () => {
    const { answer, leave } = await listen({ accept: 'text/event-stream' });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const { value } = await answer.body!.getReader().read();
    expect(Buffer.from(value!).toString()).toMatch(/^retry: [12]\d{3}\n\n/);
    leave();
  });

  it('are refused where the request accepts none', async () => {
    const answer = await fetch(url, { headers: { accept: 'application/json' } });
    expect([answer.status, await answer.json()]).toMatchObject([
      406,
      { detail: expect.stringMatching(/event-stream/) },
    ]);
  });

  it('are told at once what is new, without waiting for their next tick', async () => {
    const ticked: number[] = [];
    const rare = new EventStreams<number>({
      tickMs: 3_600_000,
      onError: (error) => errors.push(error),
      tick: async (open) => void ticked.push(open.length),
    });
    rare.wake();
    expect(ticked).toEqual([]);
    const edge = fastify();
    edge.get('/', (_request, reply) => void rare.open(reply, 0));
    const answer = await fetch(await edge.listen());
    rare.wake();
    expect(ticked).toEqual([1]);
    rare.end();
    await answer.text();
    await edge.close();
  });

  it('are bounded: a further one is refused until a client has gone', async () => {
    const [first] = [await listen(), await listen()];
    const refused = await fetch(url);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5']);
    expect(await refused.json()).toMatchObject({ type: 'urn:orderflow:problem:overloaded' });
    first.leave();
    let status = 503;
    while (status === 503) ({ status } = (await listen()).answer);
    expect(status).toBe(200);
  });

  it('count no client that has gone before its stream began', async () => {
    for (let times = 1; times <= 2; times += 1) {
      await askAndLeave(`${url}/late`);
      await until(() => opened.length === times);
    }
    const { answer, leave } = await listen();
    expect(answer.status).toBe(200);
    leave();
  });

  it('take no place among the requests in progress where their client has gone before they began', async () => {
    const edge = fastify();
    boundRequests(edge, 1);
    edge.get('/late', async (_request, reply) => {
      arrived();
      await once(reply.raw, 'close');
      new EventStream(reply, {});
      return reply;
    });
    await edge.listen({ port: 0, host: '127.0.0.1' });
    await askAndLeave(`${edge.listeningOrigin}/late`);
    let status = 503;
    while (status === 503) {
      await turn();
      status = (await edge.inject('/none')).statusCode;
    }
    expect(status).toBe(404);
    await edge.close();
  });

  // proves: http: a stream ends when the token of its client expires
  it('end when the token of their client expires', async () => {
    const now = Date.now();
    const clock = jest.spyOn(Date, 'now').mockReturnValue(now);
    const tokens = await TestTokens.create();
    await app.close();
    await start(tokens.verifier);
    const token = await tokens.of('ada', ['customer'], { exp: Math.floor(now / 1_000) + 60 });
    const { answer } = await listen({ authorization: `Bearer ${token}` });
    const reading = answer.text();
    await until(() => opened.length === 1);
    clock.mockReturnValue(now + 60_000);
    expect(await reading).toMatch(/^retry/);
    clock.mockRestore();
  });

  it('have no body for HEAD, and end there', async () => {
    for (let times = 0; times < 5; times += 1) {
      const answer = await fetch(url, { method: 'HEAD' });
      expect([answer.status, await answer.text()]).toEqual([200, '']);
      await until(() => !opened.at(-1)!.isReady);
    }
  });

  it('hold nothing for a reader that takes nothing, do not delay others, and cut it in the end', async () => {
    const { hostname, port } = new URL(url);
    const silent = connect(Number(port), hostname);
    silent.pause();
    silent.write('GET /numbers HTTP/1.1\r\nhost: x\r\n\r\n');
    await until(() => opened.length === 1);
    const { answer, leave } = await listen();
    const reader = answer.body!.getReader();
    while (opened[1]!.state.sent < 30) await reader.read();
    const [slow] = opened as [(typeof opened)[0]];
    const taken = slow.state.sent;
    // What fits into the buffers of the two sockets.
    expect(taken).toBeLessThan(15);
    while (opened[1]!.state.sent < 60) await reader.read();
    expect(slow.state.sent).toBe(taken);
    slow.cutIfStuck(1_000, 30_000);
    slow.cutIfStuck(30_999, 30_000);
    expect(slow.isReady).toBe(false);
    const closed = new Promise<void>((resolve) => slow.onceClosed(resolve));
    slow.cutIfStuck(Date.now() + 30_001, 30_000);
    await closed;
    leave();
    silent.destroy();
    await once(silent, 'close');
  });

  it('end in order when the process stops, and no other begins', async () => {
    const { answer } = await listen();
    const text = answer.text();
    await until(() => opened[0]!.state.sent > 0);
    streams.end();
    expect(await text).toMatch(/data: .*\n\n$/);
    expect((await fetch(url)).status).toBe(503);
  });

  it('outlive a failure, which is said once', async () => {
    let failures = 0;
    tick = () => {
      failures += 1;
      if (failures <= 5) throw new Error('the database is away');
    };
    const { leave } = await listen();
    await until(() => (opened[0]?.state.sent ?? 0) > 0);
    expect(errors).toEqual([new Error('the database is away')]);
    leave();
  });

  it('do not count as answers that took long', async () => {
    const { answer } = await listen();
    const text = answer.text();
    streams.end();
    await text;
    const metrics = await (await fetch(new URL('/metrics', url))).text();
    expect(metrics).not.toContain('http_route="/numbers",http_response_status_code="200"');
  });
});
