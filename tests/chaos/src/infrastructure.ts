import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { eventually } from '@orderflow/client';
import { freezePostgres, type Part, type Postgres, startKafka, startPostgres } from '@orderflow/local';

const RESTART_TIMEOUT_MS = 60_000;

interface Frozen {
  thaw(): void;
  kill(): void;
}

/** How a part is started and frozen. */
export interface PartDriver<P extends Part> {
  port: number;
  /** @param count of starts so far, this one included */
  begin(count: number): Promise<P>;
  freeze(part: P): Promise<Frozen>;
}

/** The broker or the database, which can be killed, frozen, stopped and restarted on the same data. */
export class RestartablePart<P extends Part = Part> {
  /** When its port was last opened, by `performance.now()`. */
  openAt = 0;
  private part: P | undefined;
  private starts = 0;
  private readonly driver: PartDriver<P>;
  private readonly onEnd: (reason: string) => void;

  /** @param onEnd called when it ends by itself */
  constructor(driver: PartDriver<P>, onEnd: (reason: string) => void) {
    this.driver = driver;
    this.onEnd = onEnd;
  }

  /** @throws Error while it is down */
  get running(): P {
    if (this.part === undefined) throw new Error('it is not running');
    return this.part;
  }

  /** Returns once it serves. */
  async start(): Promise<void> {
    const begun = new AbortController();
    const opened = this.untilOpen(begun.signal);
    const part = await this.driver.begin(++this.starts).finally(() => begun.abort());
    await opened;
    this.part = part;
    void part.died.then((reason) => {
      if (this.part === part) this.onEnd(reason);
    });
  }

  /** Stops it in an orderly way. */
  async stop(): Promise<void> {
    await this.expectEnd().stop();
  }

  /** Ends it at once, and returns when it is gone. */
  async kill(): Promise<void> {
    const part = this.expectEnd();
    (await this.driver.freeze(part)).kill();
    await part.died;
  }

  /** Stops it with SIGSTOP. @returns a function that resumes it */
  async freeze(): Promise<() => void> {
    const frozen = await this.driver.freeze(this.running);
    return () => frozen.thaw();
  }

  private expectEnd(): P {
    const part = this.running;
    this.part = undefined;
    return part;
  }

  private async untilOpen(begun: AbortSignal): Promise<void> {
    const check = async () => ((await isOpen(this.driver.port)) ? 'open' : begun.aborted && 'begun');
    if ((await eventually(check, Infinity, 50)) === 'open') this.openAt = performance.now();
  }
}

async function isOpen(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  const open = await once(socket, 'connect').then(
    () => true,
    () => false,
  );
  socket.destroy();
  return open;
}

export interface BrokerPorts {
  direct: number;
  controller: number;
  /** The listener that the proxy connects to. */
  behindProxy: number;
  /** The proxy's own port. */
  proxy: number;
}

export const broker = (dir: string, logs: string, ports: BrokerPorts): PartDriver<Part> => ({
  port: ports.behindProxy,
  begin: async (count) =>
    startKafka({
      dataDir: join(dir, 'kafka'),
      port: ports.direct,
      controllerPort: ports.controller,
      proxied: { port: ports.behindProxy, advertised: ports.proxy },
      log: join(logs, `kafka.${count}.log`),
    }),
  async freeze({ pid }) {
    process.kill(pid, 'SIGSTOP');
    return Promise.resolve({
      thaw: () => void process.kill(pid, 'SIGCONT'),
      kill: () => void process.kill(pid, 'SIGKILL'),
    });
  },
});

export const postgres = (dir: string, logs: string, port: number): PartDriver<Postgres> => ({
  port,
  async begin(count) {
    let attempt = 0;
    // The kernel may still hold the shared memory of the killed server.
    return eventually(async () => {
      const log = join(logs, `postgres.${count}.${++attempt}.log`);
      return startPostgres({ dataDir: join(dir, 'postgres'), port, log });
    }, RESTART_TIMEOUT_MS);
  },
  freeze: async ({ url, pid }) => freezePostgres(url, pid),
});
