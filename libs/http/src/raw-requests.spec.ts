import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Body, Controller, Logger, Module, Post } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { z } from 'zod';
import { createHttpApp } from './index.js';

const note = z.strictObject({ text: z.string() });

@Controller('notes')
class NotesController {
  @Post()
  write(@Body({ schema: note }) body: z.infer<typeof note>) {
    return body;
  }
}

@Module({ controllers: [NotesController] })
class NotesModule {}

let app: NestFastifyApplication;
beforeAll(async () => {
  Logger.overrideLogger(false);
  app = await createHttpApp(NotesModule, { service: 'notes', auth: 'off', closeGraceMs: 100 });
  await app.listen(0, '127.0.0.1');
});
afterAll(() => app.close());

/** The answer to these bytes, which ask for the end of the connection. */
async function answerTo(...bytes: (string | Uint8Array)[]): Promise<string> {
  const socket = connect((app.getHttpServer().address() as AddressInfo).port, '127.0.0.1');
  let text = '';
  socket.on('data', (data) => (text += String(data)));
  for (const part of bytes) socket.write(part);
  await once(socket, 'close');
  return text;
}

const ask = (version: string, ...headers: string[]) =>
  answerTo(`GET /health/live HTTP/${version}\r\n${[...headers, 'connection: close'].join('\r\n')}\r\n\r\n`);

describe('a request by HTTP/1.1', () => {
  it.each([
    ['without a host', []],
    ['with two', ['host: one', 'host: two']],
  ])('%s is refused with a problem', async (_which, headers) => {
    expect(await ask('1.1', ...headers)).toMatch(/^HTTP\/1\.1 400 .*application\/problem\+json.*The header Host/s);
  });

  it('with one is answered, and by HTTP/1.0 one without', async () => {
    expect(await ask('1.1', 'host: notes')).toMatch(/^HTTP\/1\.1 404 /);
    expect(await ask('1.0')).toMatch(/^HTTP\/1\.1 404 /);
  });

  it.each(['no host', 'notes/orders', 'notes:a', 'a@notes', '[::1'])('with the host "%s" is refused', async (host) => {
    expect(await ask('1.1', `host: ${host}`)).toMatch(/^HTTP\/1\.1 400 .*application\/problem\+json.*The header Host/s);
  });

  it.each(['notes:3001', '127.0.0.1:80', '[::1]:3001', 'a_b.example', 'notes:', ''])(
    'with the host "%s" is answered',
    async (host) => expect(await ask('1.1', `host: ${host}`)).toMatch(/^HTTP\/1\.1 404 /),
  );

  it('with an expectation that is not known is answered as without it', async () => {
    expect(await ask('1.1', 'host: notes', 'expect: tea')).toMatch(/^HTTP\/1\.1 404 .*application\/problem\+json/s);
  });
});

describe('a request target', () => {
  const line = (method: string, target: string) =>
    answerTo(`${method} ${target} HTTP/1.1\r\nhost: notes\r\nconnection: close\r\n\r\n`);

  it.each(['/notes', 'http://notes/notes', 'HTTPS://notes:443/notes?a=b'])(
    '%s is of the same thing',
    async (target) => {
      expect(await line('DELETE', target)).toMatch(/^HTTP\/1\.1 405 .*allow: OPTIONS, POST\r.*"instance":"\/notes"/s);
      expect(await line('OPTIONS', target)).toMatch(/^HTTP\/1\.1 204 .*allow: OPTIONS, POST\r/s);
    },
  );

  it.each(['http://notes', 'http://notes?a=b'])('%s is of the root', async (target) => {
    expect(await line('GET', target)).toMatch(/^HTTP\/1\.1 404 .*"instance":"\/"/s);
  });

  it('* is of the server', async () => {
    expect(await line('OPTIONS', '*')).toMatch(/^HTTP\/1\.1 204 .*allow: GET, HEAD, OPTIONS, POST\r/s);
    expect(await line('GET', '*')).toMatch(/^HTTP\/1\.1 404 .*"instance":"\*"/s);
  });
});

describe('a body', () => {
  const send = (bytes: Uint8Array) =>
    answerTo(
      `POST /notes HTTP/1.1\r\nhost: notes\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: ${bytes.length}\r\n\r\n`,
      bytes,
    );

  it('in UTF-8 is taken', async () => {
    expect(await send(Buffer.from('{"text":"Grüße: 茶 ☕"}'))).toMatch(/^HTTP\/1\.1 201 .*Grüße: 茶 ☕/s);
  });

  it.each([
    ['a byte that begins nothing', [0xff]],
    ['an overlong character', [0xc0, 0x80]],
    ['half of a surrogate pair', [0xed, 0xa0, 0x80]],
    ['the beginning of a character', [0xe8, 0x8c]],
  ])('with %s is refused', async (_what, bytes) => {
    const body = Buffer.concat([Buffer.from('{"text":"'), Buffer.from(bytes), Buffer.from('"}')]);
    expect(await send(body)).toMatch(/^HTTP\/1\.1 400 .*urn:orderflow:problem:malformed-json/s);
  });
});
