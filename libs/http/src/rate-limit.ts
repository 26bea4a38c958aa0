import fastifyRateLimit from '@fastify/rate-limit';
import { POLLED } from '@orderflow/telemetry';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { BlockList } from 'node:net';
import { pathOf, sendProblem } from './problem-filter.js';
import { Problem } from './problem.js';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8);
loopback.addAddress('::1', 'ipv6');

const isOfThisMachine = ({ ip }: FastifyRequest): boolean => loopback.check(ip, ip.includes(':') ? 'ipv6' : 'ipv4');

/**
 * Answers requests of a caller beyond `requestsPerSecond` with 429 and `Retry-After`, and tells each caller in `RateLimit-*`
 * headers how much is left. A caller is an IP address, or a network of 64 bits in IPv6. Programs on this machine are not limited:
 * they share one address, and could stop the service anyway. Nor are health checks, metrics and docs.
 */
export function limitRates(fastify: FastifyInstance, requestsPerSecond: number): void {
  let limitOf: ReturnType<FastifyInstance['createRateLimit']> | undefined;
  fastify.register(fastifyRateLimit, { global: false, max: requestsPerSecond, timeWindow: 1_000 }).after((error) => {
    if (error) throw error;
    limitOf = fastify.createRateLimit();
  });
  // A hook of ours instead of the plugin's: those are added to routes, and an address without a route is no way around the limit.
  fastify.addHook('onRequest', async (request, reply) => {
    if (POLLED.test(request.url) || isOfThisMachine(request)) return;
    const limit = await limitOf!(request);
    if (limit.isAllowed) return;
    const { max, remaining, ttlInSeconds } = limit;
    reply.headers({ 'ratelimit-limit': max, 'ratelimit-remaining': remaining, 'ratelimit-reset': ttlInSeconds });
    if (!limit.isExceeded) return;
    sendProblem(reply, tooMany(max, ttlInSeconds), pathOf(request));
    return reply;
  });
}

const tooMany = (max: number, retryAfterSeconds: number): Problem =>
  new Problem(429, 'too-many-requests', `At most ${max} requests a second are answered for one caller.`, {
    retryAfterSeconds,
  });
