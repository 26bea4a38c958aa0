import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type NetConnectOpts, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { listenOn } from '@orderflow/local';

export type ProxyFault =
  /** Every chunk is delayed, in both directions. */
  | 'delay'
  /** Connections are reset (RST), and new ones are refused. */
  | 'reset'
  /** No byte passes any more, and neither end is notified, as when a cable is cut. */
  | 'half-open'
  /** Requests pass, responses do not. */
  | 'withheld answers';

export const DELAY_MS = 250;

/** How long a server keeps the connection of a client whose cable was cut. */
const SERVER_KEEPS_MS = 45_000;

/** One connection through the proxy. */
class Link {
  /** Returns once both sockets are closed. */
  readonly closed: Promise<unknown>;
  /** Bytes were dropped: the connection cannot go on. */
  private broken = false;
  private readonly client: Socket;
  private readonly server: Socket;
  private readonly fault: () => ProxyFault | undefined;

  constructor(client: Socket, target: NetConnectOpts, fault: () => ProxyFault | undefined) {
    this.client = client;
    this.fault = fault;
    this.server = connect(target);
    this.carry(client, this.server, 'request');
    this.carry(this.server, client, 'response');
    const sockets = [client, this.server];
    // `close` reports the end of either socket, so errors need no handling of their own.
    for (const socket of sockets) socket.setNoDelay(true).on('error', () => undefined);
    // Without a server behind the proxy, the client is refused.
    this.server.on('error', () => client.resetAndDestroy());
    // `once` of node:events would reject when a connection breaks.
    this.closed = Promise.all(sockets.map(async (it) => new Promise((resolve) => it.once('close', resolve))));
  }

  /** Resets both ends at once. */
  reset(): void {
    this.client.resetAndDestroy();
    this.server.resetAndDestroy();
  }

  /** Dropped bytes are gone: the client is reset; the server learns of it later, or never. */
  mend(fault: ProxyFault): void {
    if (!this.broken) return;
    this.client.resetAndDestroy();
    if (fault === 'half-open') setTimeout(() => this.server.destroy(), SERVER_KEEPS_MS).unref();
    else this.server.destroy();
  }

  private carry(from: Socket, to: Socket, direction: 'request' | 'response'): void {
    let previous: Promise<unknown> = Promise.resolve();
    // Each after its own delay, and never before the one that came first.
    const inOrder = (act: () => void) => {
      previous = Promise.all([previous, this.fault() === 'delay' ? sleep(DELAY_MS) : undefined]).then(act);
    };
    from.on('data', (chunk: Buffer) => {
      if (this.passes(direction)) inOrder(() => this.write(from, to, chunk));
    });
    from.on('close', () => {
      // A cut cable carries no FIN either.
      if (this.fault() === 'half-open') this.broken = true;
      else inOrder(() => to.destroy());
    });
  }

  private passes(direction: 'request' | 'response'): boolean {
    const fault = this.fault();
    if (fault === 'half-open' || (fault === 'withheld answers' && direction === 'response')) this.broken = true;
    return !this.broken || (fault === 'withheld answers' && direction === 'request');
  }

  private write(from: Socket, to: Socket, chunk: Buffer): void {
    if (to.destroyed || to.write(chunk)) return;
    from.pause();
    to.once('drain', () => from.resume());
  }
}

/** A TCP proxy on 127.0.0.1 before a server that injects faults into its connections. */
export class Proxy {
  private fault: ProxyFault | undefined;
  private readonly links = new Set<Link>();
  private readonly server: Server;

  private constructor(target: NetConnectOpts) {
    this.server = createServer((client) => {
      if (this.fault === 'reset') return void client.resetAndDestroy();
      const link = new Link(client, target, () => this.fault);
      this.links.add(link);
      return void link.closed.then(() => this.links.delete(link));
    });
  }

  /** @param port 0 for one that is free @param host of the server */
  static async start(port: number, targetPort: number, host = '127.0.0.1'): Promise<Proxy> {
    const proxy = new Proxy({ port: targetPort, host });
    await listenOn(proxy.server, port);
    return proxy;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Begins a fault. @returns a function that mends it */
  begin(fault: ProxyFault): () => void {
    this.fault = fault;
    if (fault === 'reset') for (const link of this.links) link.reset();
    return () => {
      this.fault = undefined;
      for (const link of this.links) link.mend(fault);
    };
  }

  async stop(): Promise<void> {
    for (const link of this.links) link.reset();
    this.server.close();
    await once(this.server, 'close');
  }
}
