import { applyDecorators } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiResponse } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { headerParameter } from './headers.js';
import { NOT_STORED } from './problem-filter.js';

const TYPE = 'text/event-stream';

/**
 * For a `GET` that answers with an {@link EventStream}: it is documented as one, is refused (406) where the request does not
 * accept one, and the time for which a client listens does not count as an answer time. The handler takes `@Res()`.
 */
export const EventStreamed = (): MethodDecorator =>
  applyDecorators(
    RouteConfig({ eventStream: true }),
    ApiResponse({
      status: 200,
      description: 'Server-Sent Events',
      content: { [TYPE]: { schema: { type: 'string' } } },
    }),
  );

/** Whether the route of a request is {@link EventStreamed}. */
export const isEventStreamed = ({ routeOptions }: FastifyRequest): boolean =>
  (routeOptions.config as { eventStream?: boolean } | undefined)?.eventStream === true;

/**
 * The optional header `Last-Event-ID` as a parameter of a controller; 400 where it is malformed.
 * @param rule `valid` in words
 */
export const lastEventId = (valid: RegExp, rule: string): (() => ParameterDecorator) =>
  headerParameter({
    name: 'Last-Event-ID',
    description: 'The id of the last event that the client has: the stream continues after it',
    valid,
    rule,
    optional: true,
  });

/** An event before it is written. */
export interface StreamedEvent {
  readonly name: string;
  /** Written as JSON. */
  readonly data: object;
}

/**
 * An answer as Server-Sent Events (https://html.spec.whatwg.org/multipage/server-sent-events.html). It has no queue: while
 * {@link isReady} is false the caller sends nothing, and then sends what is current.
 */
export class EventStream<State> {
  private readonly raw: FastifyReply['raw'];
  private stuckSince: number | undefined;

  /**
   * Begins the answer, unless the client has gone while it was prepared.
   * @param state of the caller: where the client is
   * @param until when the token of the client expires, and the stream ends
   */
  constructor(
    reply: FastifyReply,
    public state: State,
    private readonly until = Infinity,
  ) {
    this.raw = reply.raw;
    if (this.raw.closed) {
      // Not hijacked: Fastify ends the request, and it takes no place among those in progress.
      reply.send();
      return;
    }
    reply.hijack();
    this.raw.writeHead(200, { 'content-type': `${TYPE}; charset=utf-8`, 'x-accel-buffering': 'no', ...NOT_STORED });
    // Clients that were cut off together do not come back together.
    this.raw.write(`retry: ${Math.round(1_000 + Math.random() * 2_000)}\n\n`);
  }

  /** Whether the reader is there and has taken what was written before. */
  get isReady(): boolean {
    return this.isOpen && !this.raw.writableNeedDrain;
  }

  private get isOpen(): boolean {
    return !this.raw.destroyed && !this.raw.writableEnded;
  }

  /** Writes events. The last one alone has the id: a stream that is cut between two of them begins with the first one again. */
  send(events: readonly StreamedEvent[], id: string): void {
    // The request may have been a HEAD, and the client may have gone while the events were read.
    if (!this.isOpen) return;
    const texts = events.map(({ name, data }, index) => {
      const field = index === events.length - 1 ? `id: ${id}\n` : '';
      return `${field}event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
    });
    if (texts.length > 0) this.raw.write(texts.join(''));
  }

  /** A comment: a proxy closes a connection that is silent, and a client that has gone is noticed. */
  ping(): void {
    if (this.isReady) this.raw.write(': ping\n\n');
  }

  /** Cuts a stream whose reader has taken nothing for so long; the client resumes it. @param now in milliseconds, of a clock that only runs on */
  cutIfStuck(now: number, mostMs: number): void {
    if (this.isReady) this.stuckSince = undefined;
    else this.stuckSince ??= now;
    if (this.stuckSince !== undefined && now - this.stuckSince > mostMs) this.raw.destroy();
  }

  /** @param now in milliseconds */
  endIfExpired(now: number): void {
    // guard: http: a stream ends when the token of its client expires
    if (now >= this.until) this.end();
  }

  end(): void {
    this.raw.end();
  }

  /** Calls `act` once, when the answer has ended or the client has gone; at once where that is so already. */
  onceClosed(act: () => void): void {
    if (this.raw.closed) act();
    else this.raw.once('close', act);
  }
}
