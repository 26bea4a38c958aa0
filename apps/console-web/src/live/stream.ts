import { createParser } from 'eventsource-parser';
import { noteRefusal, session } from '../session/session.js';

/** One frame of `GET /api/stream`. */
export interface Frame {
  readonly name: string;
  readonly data: unknown;
}

export type Connection =
  | { readonly state: 'connecting' }
  | { readonly state: 'live' }
  /** `since` and `retryAt` in milliseconds. */
  | { readonly state: 'lost'; readonly since: number; readonly retryAt: number };

const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 8000;
// The server sends a comment every 15 s.
const SILENCE_MS = 40_000;

/**
 * The one stream of this tab. It resumes after the last position that it saw, waits longer after each failure, and is closed
 * while the tab is hidden: a browser has six connections per host, for all of its tabs.
 */
export class Stream {
  private channels: readonly string[] = [];
  private lastId: string | undefined;
  private current: AbortController | undefined;
  private failures = 0;
  private lostSince: number | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly onFrame: (frame: Frame) => void,
    private readonly onConnection: (connection: Connection) => void,
  ) {}

  /** @returns a function that ends it */
  start(): () => void {
    const onVisible = (): void => (document.hidden ? this.pause() : this.retryNow());
    const onOnline = (): void => this.retryNow();
    document.addEventListener('visibilitychange', onVisible);
    window.addEventListener('online', onOnline);
    return () => {
      document.removeEventListener('visibilitychange', onVisible);
      window.removeEventListener('online', onOnline);
      this.pause();
    };
  }

  /** What to listen to; another list opens another connection. */
  listenTo(channels: readonly string[]): void {
    if (channels.join() === this.channels.join()) return;
    this.channels = channels;
    this.connect();
  }

  retryNow(): void {
    if (this.current === undefined || this.lostSince !== undefined) this.connect();
  }

  /** Closes it until {@link retryNow}. */
  pause(): void {
    clearTimeout(this.timer);
    this.current?.abort();
    this.current = undefined;
  }

  private connect(): void {
    this.pause();
    if (this.channels.length === 0 || document.hidden || session.get().state !== 'in') return;
    const controller = new AbortController();
    this.current = controller;
    void this.read(controller).catch((error: unknown) => {
      if (!controller.signal.aborted) this.retryAfter(error);
    });
  }

  /** @throws when the connection ends, however it does */
  private async read(controller: AbortController): Promise<never> {
    const asked = session.get();
    const headers: Record<string, string> = { accept: 'text/event-stream' };
    if (this.lastId !== undefined) headers['last-event-id'] = this.lastId;
    const url = `/api/stream?channels=${encodeURIComponent(this.channels.join(','))}`;
    const answer = await fetch(url, { headers, signal: controller.signal });
    if (answer.status === 401) noteRefusal(asked);
    if (!answer.ok || answer.body === null) throw new Error(`the stream answers ${answer.status}`);
    this.failures = 0;
    this.lostSince = undefined;
    this.onConnection({ state: 'live' });
    const parser = createParser({
      onEvent: ({ event, data, id }) => {
        if (id !== undefined) this.lastId = id;
        this.onFrame({ name: event ?? 'message', data: JSON.parse(data) });
      },
    });
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { done, value } = await orSilent(reader.read());
      if (done) throw new Error('the stream has ended');
      parser.feed(value);
    }
  }

  private retryAfter(_reason: unknown): void {
    this.current?.abort();
    const base = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.failures);
    // A restart of the console must not bring all tabs back in the same moment.
    const wait = base * (0.5 + Math.random() / 2);
    this.failures += 1;
    this.lostSince ??= Date.now();
    this.onConnection({ state: 'lost', since: this.lostSince, retryAt: Date.now() + wait });
    this.timer = setTimeout(() => this.connect(), wait);
  }
}

/** A proxy can hold a dead connection open: silence for longer than the server's pings is an end. */
async function orSilent<T>(read: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('the stream is silent')), SILENCE_MS);
  });
  try {
    return await Promise.race([read, silence]);
  } finally {
    clearTimeout(timer);
  }
}
