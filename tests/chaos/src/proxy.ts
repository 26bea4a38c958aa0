import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

export type ProxyFault =
  /** Every chunk is delayed, in both directions. */
  | { kind: 'delay'; ms: number }
  /** Connections are reset (RST), and new ones are refused. */
  | { kind: 'reset' }
  /** No byte passes any more, and neither end is notified, as when a cable is cut. */
  | { kind: 'half-open' }
  /** Requests pass, responses do not. */
  | { kind: 'withheld answers' };

/** How long a server keeps the connection of a client whose cable was cut. */
const SERVER_KEEPS_MS = 45_000;

/** Runs actions in the order in which they were put, each after its delay. */
class DelayLine {
  private readonly waiting: { dueAt: number; act: () => void }[] = [];

  put(delayMs: number, act: () => void): void {
    if (delayMs === 0 && this.waiting.length === 0) return act();
    this.waiting.push({ dueAt: Date.now() + delayMs, act });
    if (this.waiting.length === 1) this.wait();
  }

  private wait(): void {
    const [next] = this.waiting;
    if (next === undefined) return;
    setTimeout(
      () => {
        next.act();
        this.waiting.shift();
        this.wait();
      },
      Math.max(0, next.dueAt - Date.now()),
    );
  }
}

/** One connection through the proxy. */
class Link {
  /** Bytes were dropped: the connection cannot go on. */
  private broken = false;
  private readonly client: Socket;
  private readonly server: Socket;
  private readonly fault: () => ProxyFault | undefined;

  constructor(client: Socket, targetPort: number, fault: () => ProxyFault | undefined) {
    this.client = client;
    this.fault = fault;
    this.server = connect(targetPort, '127.0.0.1');
    this.carry(client, this.server, 'request');
    this.carry(this.server, client, 'response');
    // `close` reports the end of either socket, so errors need no handling of their own.
    for (const socket of [client, this.server]) socket.setNoDelay(true).on('error', () => undefined);
    // Without a server behind the proxy, the client is refused.
    this.server.on('error', () => client.resetAndDestroy());
  }

  /** Returns once both sockets are closed. */
  async closed(): Promise<void> {
    // `once` of node:events would reject when a connection breaks.
    const close = async (it: Socket) => new Promise<void>((resolve) => it.once('close', () => resolve()));
    await Promise.all([close(this.client), close(this.server)]);
  }

  /** Resets both ends at once. */
  reset(): void {
    this.client.resetAndDestroy();
    this.server.resetAndDestroy();
  }

  /** Dropped bytes are gone: the client is reset; the server learns of it later, or never. */
  mend(kind: ProxyFault['kind']): void {
    if (!this.broken) return;
    this.client.resetAndDestroy();
    if (kind === 'half-open') setTimeout(() => this.server.destroy(), SERVER_KEEPS_MS).unref();
    else this.server.destroy();
  }

  private carry(from: Socket, to: Socket, direction: 'request' | 'response'): void {
    const line = new DelayLine();
    const delayMs = () => {
      const fault = this.fault();
      return fault?.kind === 'delay' ? fault.ms : 0;
    };
    from.on('data', (chunk: Buffer) => {
      if (this.passes(direction)) line.put(delayMs(), () => this.write(from, to, chunk));
    });
    from.on('close', () => {
      // A cut cable carries no FIN either.
      if (this.fault()?.kind === 'half-open') this.broken = true;
      else line.put(delayMs(), () => to.destroy());
    });
  }

  private passes(direction: 'request' | 'response'): boolean {
    const kind = this.fault()?.kind;
    if (kind === 'half-open' || (kind === 'withheld answers' && direction === 'response')) this.broken = true;
    return !this.broken || (kind === 'withheld answers' && direction === 'request');
  }

  private write(from: Socket, to: Socket, chunk: Buffer): void {
    if (to.destroyed || to.write(chunk)) return;
    from.pause();
    to.once('drain', () => from.resume());
  }
}

/** A TCP proxy before a server on 127.0.0.1 that injects faults into its connections. */
export class Proxy {
  private fault: ProxyFault | undefined;
  private readonly links = new Set<Link>();
  private readonly server: Server;

  private constructor(targetPort: number) {
    this.server = createServer((client) => {
      if (this.fault?.kind === 'reset') return void client.resetAndDestroy();
      const link = new Link(client, targetPort, () => this.fault);
      this.links.add(link);
      return void link.closed().then(() => this.links.delete(link));
    });
  }

  /** @param port 0 for one that is free */
  static async start(port: number, targetPort: number): Promise<Proxy> {
    const proxy = new Proxy(targetPort);
    proxy.server.listen(port, '127.0.0.1');
    await once(proxy.server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Begins a fault. @returns a function that mends it */
  begin(fault: ProxyFault): () => void {
    this.fault = fault;
    if (fault.kind === 'reset') for (const link of this.links) link.reset();
    return () => {
      this.fault = undefined;
      for (const link of this.links) link.mend(fault.kind);
    };
  }

  async stop(): Promise<void> {
    for (const link of this.links) link.reset();
    this.server.close();
    await once(this.server, 'close');
  }
}
