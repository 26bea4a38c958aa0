import { inParallel } from '@orderflow/client';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** Connections that are opened at a time: a server has a short queue of new ones. */
const OPENED_AT_ONCE = 100;

interface Kind {
  /** Of a hundred clients. */
  readonly share: number;
  readonly first: string;
  /** Sent again and again. */
  readonly later: string;
  readonly everyMs: number;
  readonly reads: boolean;
}

const post = 'POST /orders HTTP/1.1\r\nhost: slow\r\ncontent-type: application/json\r\n';
// The largest answer that orders has for callers without a token.
const ask = 'GET /docs/swagger-ui-bundle.js HTTP/1.1\r\nhost: slow\r\n\r\n';

const kinds = {
  headers: { share: 48, first: `${post}x-slow: `, later: 'x', everyMs: 1_000, reads: true },
  body: { share: 47, first: `${post}content-length: 1000\r\n\r\n{`, later: ' ', everyMs: 1_000, reads: true },
  unread: { share: 5, first: ask, later: ask, everyMs: 5_000, reads: false },
} satisfies Record<string, Kind>;

/** Clients that hold connections to orders: with headers that do not end, with bodies that do not, and with answers that they do not read. */
export class SlowClients {
  /** Connections that the server has ended. */
  ended = 0;
  /** Answers with 408. */
  timedOut = 0;
  private readonly url: URL;
  private readonly reopens: boolean;
  private readonly open = new Set<Socket>();
  private closed = false;

  /** @param reopens whether a connection that the server has ended is opened again */
  constructor(ordersUrl: string, { reopens }: { reopens: boolean }) {
    this.url = new URL(ordersUrl);
    this.reopens = reopens;
  }

  /** Connections that are open. */
  get count(): number {
    return this.open.size;
  }

  /** Opens so many connections. @throws Error for one that is refused */
  async begin(connections: number): Promise<void> {
    const each = Object.values<Kind>(kinds).flatMap((kind) => Array<Kind>(kind.share).fill(kind));
    await inParallel(connections, OPENED_AT_ONCE, async (index) => this.connect(each[index % each.length]!));
  }

  close(): void {
    this.closed = true;
    for (const socket of this.open) socket.destroy();
  }

  private async connect(kind: Kind): Promise<void> {
    const socket = connect(Number(this.url.port), this.url.hostname);
    this.open.add(socket);
    socket.write(kind.first);
    const drip = setInterval(() => socket.write(kind.later), kind.everyMs);
    if (kind.reads) socket.on('data', (data) => (this.timedOut += data.includes('HTTP/1.1 408') ? 1 : 0));
    // A connection that the server has reset: `close` follows.
    socket.on('error', () => undefined);
    socket.once('close', () => {
      clearInterval(drip);
      this.lost(socket, kind);
    });
    await once(socket, 'connect');
  }

  private lost(socket: Socket, kind: Kind): void {
    this.open.delete(socket);
    if (this.closed) return;
    this.ended += 1;
    // A connection that is refused is closed too, and so opened again.
    if (this.reopens) this.connect(kind).catch(() => undefined);
  }
}
