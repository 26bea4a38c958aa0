import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { eventually } from '@orderflow/client';
import {
  freezePostgres,
  type Kafka,
  type KafkaCluster,
  type Part,
  type Postgres,
  type Security,
  startPostgres,
  startRegistry,
} from '@orderflow/local';

const RESTART_TIMEOUT_MS = 60_000;
// The registry reads its schemas from the broker, which may be frozen or down at that moment.
const REGISTRY_RESTART_TIMEOUT_MS = 240_000;

export type Registry = Awaited<ReturnType<typeof startRegistry>>;

/** How a part is started and frozen. */
interface PartDriver<P extends Part> {
  port: number;
  /** @param count of starts so far, this one included */
  begin(count: number): Promise<P>;
  freeze(part: P): Promise<{ thaw(): void; kill(): void }>;
}

/** Broker, database or registry, which can be killed, frozen, stopped and restarted on the same data. */
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
    let begun = false;
    const opened = eventually(
      async () => {
        const open = await isOpen(this.driver.port);
        if (open) this.openAt = performance.now();
        return open || begun;
      },
      Infinity,
      50,
    );
    const part = await this.driver.begin(++this.starts).finally(() => (begun = true));
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
}

async function isOpen(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  const connected = once(socket, 'connect').then(
    () => true,
    () => false,
  );
  return connected.finally(() => socket.destroy());
}

/** @param nodeId from 1. @param port behind its proxy */
export const broker = (cluster: KafkaCluster, nodeId: number, logs: string, port: number): PartDriver<Kafka> => ({
  port,
  begin: async (count) => cluster.start(nodeId, join(logs, `kafka-${nodeId}.${count}.log`)),
  freeze: bySignals,
});

async function bySignals({ pid }: Part) {
  const send = (signal: NodeJS.Signals) => void process.kill(pid, signal);
  send('SIGSTOP');
  return Promise.resolve({ thaw: () => send('SIGCONT'), kill: () => send('SIGKILL') });
}

export const registry = (
  kafkaBrokers: string,
  dir: string,
  logs: string,
  port: number,
  security: Security | undefined,
): PartDriver<Registry> => ({
  port,
  async begin(count) {
    let attempt = 0;
    return eventually(async () => {
      const log = join(logs, `registry.${count}.${++attempt}.log`);
      const login = { kafkaBrokers, security: (await security?.ofRegistry(kafkaBrokers)) ?? {} };
      return startRegistry({ ...login, dir: join(dir, 'registry'), port, log });
    }, REGISTRY_RESTART_TIMEOUT_MS);
  },
  freeze: bySignals,
});

export const postgres = (
  dir: string,
  logs: string,
  port: number,
  security: Security | undefined,
): PartDriver<Postgres> => ({
  port,
  async begin(count) {
    let attempt = 0;
    // The kernel may still hold the shared memory of the killed server.
    return eventually(async () => {
      const log = join(logs, `postgres.${count}.${++attempt}.log`);
      const tls = await security?.ofPostgres();
      return startPostgres({ dataDir: join(dir, 'postgres'), port, log, ...(tls && { security: tls }) });
    }, RESTART_TIMEOUT_MS);
  },
  freeze: async ({ url, pid }) => freezePostgres(url, pid),
});
