import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { listenOn } from '@orderflow/local';
import { demand, everyItem, HttpError, request } from './http.js';

let server: Server;
let url: string;
const authorizations: (string | undefined)[] = [];

const pages: Record<string, object> = {
  '/list?limit=100': { items: [1, 2], next: 'b' },
  '/list?limit=100&after=b': { items: [3], next: null },
};

beforeAll(async () => {
  server = createServer((incoming, answer) => {
    const page = pages[incoming.url ?? ''];
    authorizations.push(incoming.headers.authorization);
    answer.writeHead(page ? 200 : 404, { 'content-type': 'application/json' });
    answer.end(JSON.stringify(page ?? { title: `no ${incoming.method}` }));
  });
  url = `http://127.0.0.1:${await listenOn(server)}`;
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

describe('a request', () => {
  it('returns the response of any status', async () => {
    expect(await request(`${url}/x`, { json: {} })).toMatchObject({ status: 404, body: { title: 'no POST' } });
  });

  it('that must succeed throws an error with method, URL, status and body', async () => {
    const failure = await demand(`${url}/x`, { method: 'PUT', json: {} }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(HttpError);
    expect(failure).toMatchObject({ status: 404, message: `PUT ${url}/x answers 404: {"title":"no PUT"}` });
  });

  it('without a server throws an error with the URL and the reason', async () => {
    await expect(request('http://127.0.0.1:9/x')).rejects.toThrow(/^GET http:\/\/127\.0\.0\.1:9\/x: ./);
  });

  it('for a list reads page after page', async () => {
    expect(await everyItem(`${url}/list`)).toEqual([1, 2, 3]);
  });

  it('carries its token as a bearer token, on each page of a list, and none where it has none', async () => {
    authorizations.length = 0;
    await request(`${url}/x`, { token: 'a.b.c' });
    await everyItem(`${url}/list`, Infinity, { token: 'd.e.f' });
    await request(`${url}/x`, { token: undefined });
    expect(authorizations).toEqual(['Bearer a.b.c', 'Bearer d.e.f', 'Bearer d.e.f', undefined]);
  });
});
