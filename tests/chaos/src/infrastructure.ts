import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freezePostgres, type Part, reasonOf, startKafka, startPostgres } from '@orderflow/local';

const RESTART_TIMEOUT_MS = 60_000;

/** The broker or the database, which can be killed, stopped and restarted on the same data. */
export abstract class RestartablePart {
  /** When its port was last opened, by `performance.now()`. */
  openAt = 0;
  protected part: Part | undefined;
  protected starts = 0;
  private readonly port: number;
  /** Called when it ends by itself. */
  private readonly onEnd: (reason: string) => void;

  constructor(port: number, onEnd: (reason: string) => void) {
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
    void part.died.then((reason) => {
      if (this.part === part) this.onEnd(reason);
    });
  }

  /** Stops it in an orderly way. */
  async stop(): Promise<void> {
    await this.taken().stop();
  }

  /** Ends it at once, and returns when it is gone. */
  async kill(): Promise<void> {
    const part = this.taken();
    await this.killAll(part.pid);
    await part.died;
  }

  /** Stops it with SIGSTOP. @returns a function that resumes it */
  abstract freeze(): Promise<() => void>;

  protected abstract begin(): Promise<Part>;

  protected abstract killAll(pid: number): Promise<void>;

  protected get pid(): number {
    if (this.part === undefined) throw new Error('it is not running');
    return this.part.pid;
  }

  /** Its end is expected from now on. */
  private taken(): Part {
    const { part } = this;
    if (part === undefined) throw new Error('it is not running');
    this.part = undefined;
    return part;
  }

  private async untilOpen(begun: AbortSignal): Promise<void> {
    while (!(await this.isOpen())) {
      if (begun.aborted) return;
      await sleep(50);
    }
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
  /** The listener that the proxy connects to. */
  behindProxy: number;
  /** The proxy's own port. */
  proxy: number;
}

export class BrokerPart extends RestartablePart {
  private readonly dir: string;
  private readonly logs: string;
  private readonly ports: BrokerPorts;

  constructor(dir: string, logs: string, ports: BrokerPorts, onEnd: (reason: string) => void) {
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
      log: join(this.logs, `kafka.${++this.starts}.log`),
    });
  }

  protected async killAll(pid: number): Promise<void> {
    process.kill(pid, 'SIGKILL');
    return Promise.resolve();
  }
}

export class PostgresPart extends RestartablePart {
  /** Of the server, without a database, and without the proxy. */
  url = '';
  private readonly dir: string;
  private readonly logs: string;
  private readonly ownPort: number;

  constructor(dir: string, logs: string, port: number, onEnd: (reason: string) => void) {
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
    const deadline = Date.now() + RESTART_TIMEOUT_MS;
    for (;;) {
      try {
        const log = join(this.logs, `postgres.${++this.starts}.log`);
        const part = await startPostgres({ dataDir: join(this.dir, 'postgres'), port: this.ownPort, log });
        this.url = part.url;
        return part;
      } catch (error) {
        // The kernel may still hold the shared memory of the killed server.
        if (Date.now() >= deadline) throw new Error(`PostgreSQL does not start again: ${reasonOf(error)}`);
        await sleep(100);
      }
    }
  }

  protected async killAll(pid: number): Promise<void> {
    (await freezePostgres(this.url, pid)).kill();
  }
}
