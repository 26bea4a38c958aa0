import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Body, Controller, Get, HttpCode, Logger, Module, Param, Post } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ApiResponse } from '@nestjs/swagger';
import { z } from 'zod';
import { createHttpApp, demandMatch, entityTagOf, EntityTagged, IfMatch, text, wholeNumber } from './index.js';

const noteBody = z.strictObject({ name: text(20) }).meta({ id: 'Note' });

@Controller('notes')
class NotesController {
  @Post()
  @ApiResponse({ status: 201, standardSchema: noteBody })
  add(@Body({ schema: noteBody }) note: z.infer<typeof noteBody>) {
    return note;
  }

  @Post('tidy')
  tidy() {
    return { name: 'tidy' };
  }

  @Get(':id')
  @EntityTagged()
  @ApiResponse({ status: 200, standardSchema: noteBody })
  @ApiResponse({ status: 404 })
  one(@Param('id', { schema: wholeNumber(1, 9) }) id: number) {
    return { name: `note ${id}` };
  }

  @Post(':id/close')
  @HttpCode(202)
  @ApiResponse({ status: 202, standardSchema: noteBody })
  @ApiResponse({ status: 412 })
  close(@Param('id', { schema: wholeNumber(1, 9) }) id: number, @IfMatch() ifMatch: string | undefined) {
    demandMatch(ifMatch, entityTagOf({ name: `note ${id}` }));
    return { name: `note ${id}` };
  }
}

@Module({ controllers: [NotesController] })
class NotesModule {}

let app: NestFastifyApplication;
beforeAll(async () => {
  Logger.overrideLogger(false);
  app = await createHttpApp(NotesModule, { service: 'notes', auth: 'off', closeGraceMs: 100 });
  await app.init();
});
afterAll(() => app.close());

async function send(method: string, url: string, headers: Record<string, string> = {}, payload?: string) {
  const answer = await app.inject({ method: method as 'GET', url, headers, ...(payload !== undefined && { payload }) });
  return { status: answer.statusCode, headers: answer.headers, text: answer.payload };
}

const json = { 'content-type': 'application/json' };
const kindOf = ({ text }: { text: string }) => (JSON.parse(text) as { type: string }).type.split(':').at(-1);

describe('a method that a known URL does not support', () => {
  it.each([
    ['PUT', '/notes', 'OPTIONS, POST'],
    ['PATCH', '/notes/1', 'GET, HEAD, OPTIONS'],
    ['DELETE', '/notes/1', 'GET, HEAD, OPTIONS'],
    ['TRACE', '/notes/1/close', 'OPTIONS, POST'],
    ['QUERY', '/notes', 'OPTIONS, POST'],
    ['GET', '/notes/1/close?at=1', 'OPTIONS, POST'],
    ['GET', '/notes/tidy', 'OPTIONS, POST'],
    ['POST', '/metrics', 'GET, HEAD, OPTIONS'],
  ])('%s %s is answered with 405 and the methods that it does', async (method, url, allow) => {
    const answer = await send(method, url);
    expect([answer.status, answer.headers['allow'], kindOf(answer)]).toEqual([405, allow, 'method-not-allowed']);
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
  });

  it('is answered before its body is looked at', async () => {
    expect((await send('PUT', '/notes', { 'content-type': 'text/plain' }, 'x')).status).toBe(405);
  });

  it('of an unknown URL stays 404', async () => {
    expect((await send('DELETE', '/note')).status).toBe(404);
    expect((await send('OPTIONS', '/notes/1/close/x')).status).toBe(404);
  });
});

describe('OPTIONS and HEAD', () => {
  it('OPTIONS lists the methods without a body', async () => {
    const { status, headers, text } = await send('OPTIONS', '/notes/1');
    expect([status, headers['allow'], text]).toEqual([204, 'GET, HEAD, OPTIONS', '']);
  });

  it('HEAD answers like GET without the body', async () => {
    const [head, get] = [await send('HEAD', '/notes/1'), await send('GET', '/notes/1')];
    expect([head.status, head.text]).toEqual([200, '']);
    for (const name of ['etag', 'content-type', 'content-length']) expect(head.headers[name]).toBe(get.headers[name]);
  });
});

describe('the header Accept', () => {
  it.each([
    '*/*',
    'application/*',
    'application/json',
    'application/problem+json',
    'text/html, application/json;q=0.1',
    'text/html;q=0.9, */*;q=0.1',
    'application/json; q=0, application/problem+json',
  ])('%s is answered', async (accept) => {
    expect((await send('GET', '/notes/1', { accept })).status).toBe(200);
  });

  it.each(['text/html', 'application/xml, text/*', 'application/*;q=0, */*', 'application/jsonp'])(
    '%s is answered with 406',
    async (accept) => {
      const answer = await send('GET', '/notes/1', { accept });
      expect([answer.status, kindOf(answer)]).toEqual([406, 'not-acceptable']);
    },
  );
});

describe('a body', () => {
  it.each([
    ['GET', '/notes/1'],
    ['POST', '/notes/1/close'],
  ])('that %s %s does not expect is refused', async (method, url) => {
    const answer = await send(method, url, json, '{}');
    expect([answer.status, kindOf(answer)]).toEqual([400, 'unexpected-body']);
  });

  it('that is missing where none is expected is fine', async () => {
    expect((await send('POST', '/notes/1/close')).status).toBe(202);
  });

  it.each(['application/json', 'application/x-www-form-urlencoded', 'text/plain'])(
    'of no bytes is none, also as %s',
    async (type) => {
      for (const headers of [{ 'content-type': type }, { 'content-type': type, 'content-length': '0' }]) {
        expect((await send('POST', '/notes/1/close', headers)).status).toBe(202);
        const answer = await send('POST', '/notes', headers);
        expect([answer.status, kindOf(answer)]).toEqual([400, 'malformed-json']);
      }
    },
  );

  it('in a content encoding is refused with 415, and identity is read', async () => {
    const body = '{"name":"a"}';
    const answer = await send('POST', '/notes', { ...json, 'content-encoding': 'gzip' }, body);
    expect([answer.status, kindOf(answer)]).toEqual([415, 'unsupported-content-encoding']);
    expect(answer.headers['accept-encoding']).toBe('identity');
    expect((await send('POST', '/notes', { ...json, 'content-encoding': 'identity' }, body)).status).toBe(201);
  });
});

describe('text', () => {
  const add = async (name: string) => (await send('POST', '/notes', json, JSON.stringify({ name }))).status;

  it.each(['Tea', 'Thé vert', '茶', 'a b', "D'Arcy & Söhne", '🍵 tea', '🍵'.repeat(20), 'x'.repeat(20)])(
    '%s is accepted',
    async (name) => expect(await add(name)).toBe(201),
  );

  it.each<[string, string]>([
    ['empty text', ''],
    ['a blank at the beginning', ' a'],
    ['a blank at the end', 'a '],
    ['a no-break space at the end', 'a\u00a0'],
    ['a line break', 'a\nb'],
    ['a C1 control', 'a\u0085b'],
    ['a line separator', 'a\u2028b'],
    ['a right-to-left override', 'a\u202eb'],
    ['an isolate', 'a\u2066b'],
    ['a right-to-left mark', 'a\u200fb'],
    ['a zero-width space', 'a\u200bb'],
    ['a zero-width joiner', 'a\u200db'],
    ['a byte order mark', '\ufeffa'],
    ['a soft hyphen', 'a\u00adb'],
    ['half of a surrogate pair', 'a\ud800b'],
    ['more characters than allowed', 'x'.repeat(21)],
  ])('with %s is refused', async (_what, name) => expect(await add(name)).toBe(400));
});

describe('an entity tag', () => {
  it('is the same for the same answer, and another for another', async () => {
    const tags = await Promise.all(
      ['1', '1', '2'].map(async (id) => (await send('GET', `/notes/${id}`)).headers['etag']),
    );
    expect(tags[0]).toMatch(/^"[\w-]{22}"$/);
    expect(tags[1]).toBe(tags[0]);
    expect(tags[2]).not.toBe(tags[0]);
  });

  it('that the client knows is answered with 304 and no body', async () => {
    const etag = String((await send('GET', '/notes/1')).headers['etag']);
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const { status, headers, text } = await send('GET', '/notes/1', { 'if-none-match': known });
      expect([status, text, headers['etag']]).toEqual([304, '', etag]);
    }
    for (const other of ['"other"', '"a,*,b"', '"*"'])
      expect((await send('GET', '/notes/1', { 'if-none-match': other })).status).toBe(200);
  });

  it('is demanded by If-Match, exactly', async () => {
    const etag = String((await send('GET', '/notes/1')).headers['etag']);
    const close = async (ifMatch: string) => send('POST', '/notes/1/close', { 'if-match': ifMatch });
    for (const known of [etag, `"other", ${etag}`, '*']) expect((await close(known)).status).toBe(202);
    // Empty elements of a list are ignored (RFC 9110, section 5.6.1.2).
    for (const known of [`, ${etag}`, `${etag},`, `"a",, ,${etag} ,\t"b" , ,`])
      expect((await close(known)).status).toBe(202);
    // A comma inside the quotes is part of a tag, and a star in quotes is a tag.
    for (const other of ['"other"', `W/${etag}`, '"a,*,b"', '"*"', '"\xe9"']) {
      const answer = await close(other);
      expect([answer.status, kindOf(answer)]).toEqual([412, 'precondition-failed']);
    }
    for (const malformed of ['other', '', ',', '"a" "b"', '*, "a"', Array(11).fill('"a"').join()])
      expect((await close(malformed)).status).toBe(400);
  });
});

it('no answer may be stored or sniffed, not even an error', async () => {
  for (const url of ['/notes/1', '/notes/0', '/nowhere', `/notes/${'x'.repeat(500)}`, '/metrics']) {
    expect((await send('GET', url)).headers).toMatchObject({
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
  }
});

describe('the OpenAPI document', () => {
  type Document = { paths: Record<string, Record<string, { responses: object; parameters?: object[] }>> } & object;
  const document = async () => JSON.parse((await send('GET', '/docs-json')).text) as Document;

  it('has every status of an operation, and errors as problem documents', async () => {
    const { paths } = await document();
    const { responses } = paths['/notes/{id}/close']!['post']!;
    const expected = ['202', '400', '406', '408', '412', '413', '414', '415', '429', '431', '500', '503'];
    expect(Object.keys(responses)).toEqual(expected);
    for (const [status, response] of Object.entries(responses)) {
      const types = Object.keys((response as { content: object }).content);
      expect(types).toEqual([Number(status) < 400 ? 'application/json' : 'application/problem+json']);
    }
  });

  it('has the bounds and patterns of parameters, headers and text', async () => {
    const { paths, ...rest } = await document();
    expect(paths['/notes/{id}/close']!['post']!.parameters).toMatchObject([
      { name: 'id', in: 'path', schema: { type: 'integer', minimum: 1, maximum: 9 } },
      { name: 'If-Match', in: 'header', required: false, schema: { type: 'string', pattern: expect.any(String) } },
    ]);
    expect(rest).toMatchObject({
      servers: [{ url: '/' }],
      components: {
        schemas: {
          Note: { properties: { name: { minLength: 1, maxLength: 20, pattern: expect.any(String) } } },
          Problem: { required: ['type', 'title', 'status', 'detail'] },
        },
      },
    });
  });
});
