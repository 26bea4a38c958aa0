import 'reflect-metadata';
import { afterEach, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { answerWhileStarting } from './index.js';

let stop: (() => Promise<void>) | undefined;
afterEach(async () => stop?.());

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

it('a service that waits for its dependencies is live, not ready, and refuses requests for a moment', async () => {
  const port = await freePort();
  stop = await answerWhileStarting('127.0.0.1', port, { service: 'probe', auth: 'off' });
  const ask = (path: string, method = 'GET') => fetch(`http://127.0.0.1:${port}${path}`, { method });

  expect((await ask('/health/live')).status).toBe(200);
  for (const answer of [await ask('/health/ready'), await ask('/orders', 'POST')]) {
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '2']);
    expect(await answer.json()).toMatchObject({ type: 'urn:orderflow:problem:unavailable' });
  }
  expect(await (await ask('/metrics')).text()).toContain('orderflow_ready_checks{check="start"} 0');

  await stop();
  await expect(ask('/health/live')).rejects.toThrow('fetch failed');
});

it('a page of an allowed origin reads that the service is starting', async () => {
  const port = await freePort();
  const origin = 'https://shop.example';
  stop = await answerWhileStarting('127.0.0.1', port, { service: 'probe', auth: 'off' }, { allowedOrigins: [origin] });
  const url = `http://127.0.0.1:${port}/orders`;

  const preflight = await fetch(url, {
    method: 'OPTIONS',
    headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' },
  });
  expect(preflight.status).toBe(204);
  expect(preflight.headers.get('access-control-allow-methods')).toMatch(/\bPOST\b/);

  const answer = await fetch(url, { method: 'POST', headers: { origin } });
  expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([503, origin]);
});
