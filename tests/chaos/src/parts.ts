import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { eventually } from '@orderflow/client';
import { freezePostgres, type Part, startKafka, startPostgres } from '@orderflow/local';

const RESTART_TIMEOUT_MS = 60_000;

/** The broker or the database: killed, stopped and started again on the same data. */
export abstract class StoppablePart {
  /** When its port was open again, by `performance.now()`. */
  openAt = 0;
  protected part: Part | undefined;
  protected lives = 0;
  private readonly port: number;
  /** Told when it ends although nobody has ended it. */
  private readonly onEnd: (how: string) => void;

  constructor(port: number, onEnd: (how: string) => void) {
    this.port = port;
    this.onEnd = onEnd;
  }

  /** Returns once it serves. */
  async start(): Promise<void> {
    const begun = new AbortController();
    const opened = this.untilOpen(begun.signal);
    const part = await this.begin().finally(() => begun.abort());
    await opened;
    this.part = part;
    void part.died.then((how) => {
      if (this.part === part) this.onEnd(how);
    });
  }

  /** In an orderly way. */
  async stop(): Promise<void> {
    await this.taken().stop();
  }

  /** Ends it at once, and returns when it is gone. */
  async kill(): Promise<void> {
    const part = this.taken();
    await this.killAll(part.pid);
    await part.died;
  }

  /** @returns what lets it go on */
  abstract freeze(): Promise<() => void>;

  protected abstract begin(): Promise<Part>;

  protected abstract killAll(pid: number): Promise<void>;

  protected get pid(): number {
    if (this.part === undefined) throw new Error('it is not running');
    return this.part.pid;
  }

  /** From now on its end is ours. */
  private taken(): Part {
    const { part } = this;
    if (part === undefined) throw new Error('it is not running');
    this.part = undefined;
    return part;
  }

  private async untilOpen(begun: AbortSignal): Promise<void> {
    await eventually(async () => begun.aborted || this.isOpen(), Infinity, 50);
    if (begun.aborted) return;
    this.openAt = performance.now();
  }

  private async isOpen(): Promise<boolean> {
    const socket = connect(this.port, '127.0.0.1');
    const open = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    return open;
  }
}

export interface BrokerPorts {
  direct: number;
  controller: number;
  /** Where the proxy reaches it, and where the proxy listens. */
  behindProxy: number;
  proxy: number;
}

export class BrokerPart extends StoppablePart {
  private readonly dir: string;
  private readonly logs: string;
  private readonly ports: BrokerPorts;

  constructor(dir: string, logs: string, ports: BrokerPorts, onEnd: (how: string) => void) {
    super(ports.behindProxy, onEnd);
    this.dir = dir;
    this.logs = logs;
    this.ports = ports;
  }

  async freeze(): Promise<() => void> {
    const { pid } = this;
    process.kill(pid, 'SIGSTOP');
    return Promise.resolve(() => void process.kill(pid, 'SIGCONT'));
  }

  protected async begin(): Promise<Part> {
    return startKafka({
      dataDir: join(this.dir, 'kafka'),
      port: this.ports.direct,
      controllerPort: this.ports.controller,
      proxied: { port: this.ports.behindProxy, advertised: this.ports.proxy },
      log: join(this.logs, `kafka.${++this.lives}.log`),
    });
  }

  protected async killAll(pid: number): Promise<void> {
    process.kill(pid, 'SIGKILL');
    return Promise.resolve();
  }
}

export class PostgresPart extends StoppablePart {
  /** Without a database; not through the proxy. */
  url = '';
  private readonly dir: string;
  private readonly logs: string;
  private readonly ownPort: number;

  constructor(dir: string, logs: string, port: number, onEnd: (how: string) => void) {
    super(port, onEnd);
    this.dir = dir;
    this.logs = logs;
    this.ownPort = port;
  }

  async freeze(): Promise<() => void> {
    const frozen = await freezePostgres(this.url, this.pid);
    return () => frozen.thaw();
  }

  protected async begin(): Promise<Part> {
    // The kernel may still hold what the killed one shared with its children.
    const part = await eventually(async () => {
      const log = join(this.logs, `postgres.${++this.lives}.log`);
      return startPostgres({ dataDir: join(this.dir, 'postgres'), port: this.ownPort, log });
    }, RESTART_TIMEOUT_MS);
    this.url = part.url;
    return part;
  }

  protected async killAll(pid: number): Promise<void> {
    (await freezePostgres(this.url, pid)).kill();
  }
}
