import { consolePages } from '@orderflow/auth';
import fastifyStatic from '@fastify/static';
import type { INestApplication } from '@nestjs/common';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const built = join(import.meta.dirname, '../../../console-web/dist');

/** Nothing inline, nothing from another host: text of an event that became markup could still do nothing. */
const POLICY = [
  "default-src 'none'",
  ...['script-src', 'style-src', 'font-src', 'img-src', 'connect-src', 'form-action'].map((name) => `${name} 'self'`),
  ...['base-uri', 'frame-ancestors'].map((name) => `${name} 'none'`),
].join('; ');

// Their names contain a hash of their content.
const FOR_EVER = 'public, max-age=31536000, immutable';

/** Serves the pages that apps/console-web builds. @returns whether they are built */
export async function servePages(app: INestApplication): Promise<boolean> {
  if (!existsSync(join(built, 'index.html'))) return false;
  const fastify = app.getHttpAdapter().getInstance() as FastifyInstance;
  await fastify.register(fastifyStatic, {
    root: built,
    index: false,
    wildcard: false,
    preCompressed: true,
    cacheControl: false,
    setHeaders: (reply, path) => {
      reply.header('cache-control', path.includes('/assets/') ? FOR_EVER : 'no-cache');
      reply.header('content-security-policy', POLICY);
      reply.header('x-content-type-options', 'nosniff');
      reply.header('referrer-policy', 'no-referrer');
    },
  });
  for (const page of consolePages)
    fastify.get(page, async (_request, reply: FastifyReply) => reply.sendFile('index.html'));
  return true;
}
