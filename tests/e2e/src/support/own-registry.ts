import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { listenOn } from '@orderflow/local';

/**
 * A proxy of the shared registry with subjects of its own: a subject is registered there as `prefix` + subject, so that an
 * incompatible schema does no harm to other tests.
 */
export async function ownRegistry(sharedUrl: string, prefix: string) {
  const base = new URL(sharedUrl);
  const server = createServer((request, response) => {
    void forward(request, base, prefix).then(async (answer) => {
      response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'application/json' });
      response.end(await answer.text());
    });
  });
  const port = await listenOn(server);
  return {
    url: `http://127.0.0.1:${port}${base.pathname}`,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function forward(request: IncomingMessage, base: URL, prefix: string): Promise<Response> {
  const path = (request.url ?? '').replace(/\/(subjects|config)\/(?=.)/, `/$1/${encodeURIComponent(prefix)}`);
  const body = await buffer(request);
  return fetch(new URL(path, base), {
    method: request.method ?? 'GET',
    headers: { 'content-type': request.headers['content-type'] ?? 'application/json' },
    ...(body.length === 0 ? {} : { body }),
  });
}
