import { applyDecorators } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiHeader, ApiResponse } from '@nestjs/swagger';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { createHash } from 'node:crypto';
import { headerParameter } from './headers.js';
import { Problem } from './problem.js';

const TAG = String.raw`(W/)?"[!#-~\x80-\xff]{0,128}"`;
// A list may have empty elements (RFC 9110, section 5.6.1.2).
const TAGS = String.raw`^([*]|[ \t,]*${TAG}([ \t]*,[ \t,]*${TAG}){0,9}[ \t,]*)$`;
const RULE = 'must be * or up to ten entity tags, such as "a1"';

/**
 * For the `GET` of one thing: the answer carries an `ETag`, and a request whose `If-None-Match` names it is answered with 304.
 * The tag is the hash of the answer, unless the handler sets the header itself.
 */
export const EntityTagged = (): MethodDecorator =>
  applyDecorators(
    RouteConfig({ entityTagged: true }),
    ApiHeader({ name: 'If-None-Match', required: false, description: 'The ETag of an earlier answer' }),
    ApiResponse({ status: 304, description: 'Unchanged since the answer with that ETag' }),
  );

/** The optional header `If-Match` as a parameter of a controller, for {@link demandMatch} or {@link tagsOf}; 400 where it is malformed. */
export const IfMatch = headerParameter({
  name: 'If-Match',
  description: 'Only if the current answer of GET has this ETag; otherwise 412',
  valid: new RegExp(TAGS),
  rule: RULE,
  optional: true,
  isList: true,
});

/** The entity tag of an answer: strong, because it is a hash of all its bytes. */
export const entityTagOf = (answer: object | string): string => {
  const json = typeof answer === 'string' ? answer : JSON.stringify(answer);
  return `"${createHash('sha256').update(json).digest('base64url').slice(0, 22)}"`;
};

const EACH_TAG = new RegExp(TAG, 'g');

/** The tags of a header, with their quotes; `['*']` for any. A comma or a star inside the quotes is part of its tag. */
export const tagsOf = (header: string): string[] =>
  header.trim() === '*' ? ['*'] : Array.from(header.matchAll(EACH_TAG), ([tag]) => tag);

/** @throws Problem 412 unless `If-Match` is missing or names the current tag */
export function demandMatch(ifMatch: string | undefined, current: string): void {
  if (ifMatch === undefined) return;
  // The strong comparison of RFC 9110, section 8.8.3.2: a weak tag never matches.
  if (tagsOf(ifMatch).some((tag) => tag === '*' || tag === current)) return;
  throw preconditionFailed();
}

export const preconditionFailed = (): Problem =>
  new Problem(412, 'precondition-failed', 'It has changed since the answer with that ETag. Read it again.');

/** Adds the tags of {@link EntityTagged} handlers, and answers with 304. */
export function sendEntityTags(fastify: FastifyInstance): void {
  fastify.addHook('onSend', async (request, reply, payload) => {
    const { entityTagged } = request.routeOptions.config as { entityTagged?: boolean };
    if (!entityTagged || reply.statusCode !== 200 || typeof payload !== 'string') return payload;
    if (!reply.hasHeader('etag')) reply.header('etag', entityTagOf(payload));
    return isKnown(request, reply) ? notModified(reply) : payload;
  });
}

function isKnown({ headers }: FastifyRequest, reply: FastifyReply): boolean {
  const tags = tagsOf(headers['if-none-match'] ?? '').map((tag) => tag.replace(/^W\//, ''));
  return tags.includes('*') || tags.includes(String(reply.getHeader('etag')));
}

function notModified(reply: FastifyReply): string {
  reply.code(304).removeHeader('content-type').removeHeader('content-length');
  return '';
}
