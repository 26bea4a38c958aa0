import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

export type ProxyFault =
  /** Every piece arrives so much later, in both directions. */
  | { kind: 'delay'; ms: number }
  /** Connections are broken (RST), and whoever comes is sent away. */
  | { kind: 'reset' }
  /** Nothing passes any more and nobody is told, as when a cable is cut. */
  | { kind: 'half-open' }
  /** What is asked goes through, what is answered does not. */
  | { kind: 'withheld answers' };

/** How long a server goes on believing in a client whose cable was cut. */
const BELIEVED_MS = 45_000;

/** Does things in the order in which they came, some of them later. */
class Line {
  private readonly waiting: { dueAt: number; act: () => void }[] = [];

  put(laterMs: number, act: () => void): void {
    if (laterMs === 0 && this.waiting.length === 0) return act();
    this.waiting.push({ dueAt: Date.now() + laterMs, act });
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
  /** Of what was cut in it nothing can be told to either side any more. */
  private broken = false;
  private readonly client: Socket;
  private readonly server: Socket;
  private readonly fault: () => ProxyFault | undefined;

  constructor(client: Socket, targetPort: number, fault: () => ProxyFault | undefined) {
    this.client = client;
    this.fault = fault;
    this.server = connect(targetPort, '127.0.0.1');
    this.carry(client, this.server, 'asked');
    this.carry(this.server, client, 'answered');
    // From here on both ends are told by `close` alone.
    for (const socket of [client, this.server]) socket.setNoDelay(true).on('error', () => undefined);
    // Where nobody listens, nobody is let in.
    this.server.on('error', () => client.resetAndDestroy());
  }

  /** Once both ends are. */
  async closed(): Promise<void> {
    // Not `once` of node:events, which rejects where a connection breaks.
    const close = async (it: Socket) => new Promise<void>((resolve) => it.once('close', () => resolve()));
    await Promise.all([close(this.client), close(this.server)]);
  }

  /** Both ends see it at once. */
  reset(): void {
    this.client.resetAndDestroy();
    this.server.resetAndDestroy();
  }

  /** What did not pass is gone: a client that asks on is sent away; its server learns of that later, or not at all. */
  mend(kind: ProxyFault['kind']): void {
    if (!this.broken) return;
    this.client.resetAndDestroy();
    if (kind === 'half-open') setTimeout(() => this.server.destroy(), BELIEVED_MS).unref();
    else this.server.destroy();
  }

  private carry(from: Socket, to: Socket, direction: 'asked' | 'answered'): void {
    const line = new Line();
    const laterMs = () => {
      const fault = this.fault();
      return fault?.kind === 'delay' ? fault.ms : 0;
    };
    from.on('data', (chunk: Buffer) => {
      if (this.passes(direction)) line.put(laterMs(), () => this.write(from, to, chunk));
    });
    from.on('close', () => {
      // A cut cable carries no goodbye either.
      if (this.fault()?.kind === 'half-open') this.broken = true;
      else line.put(laterMs(), () => to.destroy());
    });
  }

  private passes(direction: 'asked' | 'answered'): boolean {
    const kind = this.fault()?.kind;
    if (kind === 'half-open' || (kind === 'withheld answers' && direction === 'answered')) this.broken = true;
    return !this.broken || (kind === 'withheld answers' && direction === 'asked');
  }

  private write(from: Socket, to: Socket, chunk: Buffer): void {
    if (to.destroyed || to.write(chunk)) return;
    from.pause();
    to.once('drain', () => from.resume());
  }
}

/** Stands before a server on 127.0.0.1 and passes on what is said, unless it is told to do worse. */
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

  /** From now on. @returns what mends it */
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
