import type { FastifyReply } from 'fastify';
import { EventStream } from './event-stream.js';
import { callerOf } from './guard.js';
import { Problem, ServiceUnavailable } from './problem.js';

/** Half of the requests that a process answers at once. */
const MOST_STREAMS = 500;

/** Proxies close what is silent for a minute or so. */
const PING_MS = 15_000;

const STUCK_MS = 30_000;

interface Options<State> {
  readonly tickMs: number;
  /** Sends what is new to the open streams. Called every `tickMs` while there is one, and never twice at once. */
  readonly tick: (streams: readonly EventStream<State>[]) => Promise<void>;
  /** Called with the reason when `tick` fails after it had worked. */
  readonly onError: (error: unknown) => void;
  /** Streams open at once (500). */
  readonly most?: number;
}

/** The open streams of one kind in this process. While none is open, nothing runs. */
export class EventStreams<State> {
  private readonly streams = new Set<EventStream<State>>();
  private timer: NodeJS.Timeout | undefined;
  private ticking = false;
  private failing = false;
  private stopped = false;
  private pingedAt = -Infinity;

  constructor(private readonly options: Options<State>) {}

  /** @throws Problem 503 when as many are open as may be, or the process stops */
  open(reply: FastifyReply, state: State): EventStream<State> {
    if (this.stopped) throw new ServiceUnavailable(undefined, 'The service is stopping. Try again shortly.');
    if (this.streams.size >= (this.options.most ?? MOST_STREAMS)) {
      throw new Problem(503, 'overloaded', 'Too many streams are open. Try again shortly.', { retryAfterSeconds: 5 });
    }
    const stream = new EventStream(reply, state, callerOf(reply.request)?.expiresAt.getTime());
    // HEAD: the head is all of the answer.
    if (reply.request.method === 'HEAD') stream.end();
    this.streams.add(stream);
    this.timer ??= setInterval(() => void this.tick(), this.options.tickMs);
    stream.onceClosed(() => this.remove(stream));
    return stream;
  }

  /** There is news: calls `tick` at once where a stream is open and none is under way, and the next time `tickMs` later. */
  wake(): void {
    if (this.timer === undefined || this.ticking) return;
    this.timer.refresh();
    void this.tick();
  }

  /** Ends all streams, and opens no more. Before the server closes: it would wait for them, then cut them. */
  end(): void {
    this.stopped = true;
    for (const stream of this.streams) stream.end();
  }

  private remove(stream: EventStream<State>): void {
    this.streams.delete(stream);
    if (this.streams.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private async tick(): Promise<void> {
    this.keepAlive();
    if (this.ticking) return;
    this.ticking = true;
    try {
      await this.options.tick([...this.streams]);
      this.failing = false;
    } catch (error) {
      // Said once, not at each tick of an outage. The streams wait: what is current then is sent.
      if (!this.failing) this.options.onError(error);
      this.failing = true;
    } finally {
      this.ticking = false;
    }
  }

  private keepAlive(): void {
    // Not by the time of day, which may be set back.
    const now = performance.now();
    for (const stream of this.streams) {
      stream.endIfExpired(Date.now());
      stream.cutIfStuck(now, STUCK_MS);
    }
    if (now - this.pingedAt < PING_MS) return;
    this.pingedAt = now;
    for (const stream of this.streams) stream.ping();
  }
}
