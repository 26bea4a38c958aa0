import 'reflect-metadata';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, Logger, Res } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { StreamReader } from '@orderflow/client';
import { createHttpApp, EventStreamed } from '@orderflow/http';
import type { PinoLogger } from '@orderflow/telemetry';
import type { FastifyReply } from 'fastify';
import type { Journal } from '../../domain/journal.js';
import { Live } from './live.js';

let now: number;
let elapsed: number;
let end: number;
let counted: number;
let asked: number;
let written: () => void;
let live: Live;
let app: NestFastifyApplication;
let reader: StreamReader;

const journal = {
  end: async () => {
    asked += 1;
    return String(end);
  },
  onWritten: (listener: () => void) => {
    written = listener;
    return () => undefined;
  },
  changedBetween: async () => ['an order'],
  heads: async () => [],
  through: async () => new Date(now),
  counts: async () => ({ all: ++counted }),
} as unknown as Journal;

@Controller('stream')
class StreamController {
  @Get()
  @EventStreamed()
  async stream(@Res() reply: FastifyReply): Promise<void> {
    live.open(reply, { channels: { orders: true, order: [] }, position: '0' });
  }
}

beforeEach(async () => {
  Logger.overrideLogger(false);
  [now, elapsed, end, counted, asked] = [Date.UTC(2026, 10, 24), 0, 0, 0, 0];
  live = new Live(journal, { now: () => now, elapsed: () => elapsed }, {
    warn: () => undefined,
  } as unknown as PinoLogger);
  const module = { module: class Edge {}, controllers: [StreamController] };
  app = await createHttpApp(module, { service: 'test', auth: 'off', closeGraceMs: 100 });
  await app.listen(0, '127.0.0.1');
  reader = await new StreamReader().open(`${await app.getUrl()}/stream`);
});
afterEach(async () => {
  await reader.close();
  live.onModuleDestroy();
  await app.close();
});

/** The count in the frame that follows a new row of the journal. */
async function countAfterRow(): Promise<unknown> {
  const before = reader.named('orders').length;
  end += 1;
  await reader.until(() => reader.named('orders').length > before);
  return reader.named('orders').at(-1)!.data['counts'];
}

describe('a stream of the console', () => {
  it('begins with the time of the console', async () => {
    const hello = await reader.until(({ name }) => name === 'hello');
    expect(hello.data).toMatchObject({ now: '2026-11-24T00:00:00.000Z' });
  });

  it('counts the orders once in a second, however often they change, also where the time of day is set back', async () => {
    expect(await countAfterRow()).toEqual({ all: 1 });
    now -= 3_600_000;
    elapsed += 1_000;
    expect(await countAfterRow()).toEqual({ all: 1 });
    elapsed += 1;
    expect(await countAfterRow()).toEqual({ all: 2 });
  });

  it('looks at once for what this process has written, and leaves what follows within 250 ms to the next tick', async () => {
    await reader.until(({ name }) => name === 'hello');
    /** Whether the journal is asked without waiting for a tick. */
    const looksAtOnce = (): boolean => {
      const before = asked;
      written();
      return asked > before;
    };
    expect(looksAtOnce()).toBe(true);
    await countAfterRow();
    elapsed += 249;
    expect(looksAtOnce()).toBe(false);
    elapsed += 1;
    expect(looksAtOnce()).toBe(true);
  });
});
