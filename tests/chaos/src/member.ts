import { join } from 'node:path';
import { type ServiceName, ServiceProcess } from '@orderflow/local';

export interface MemberSpec {
  service: ServiceName;
  /** Unlike others of the same service. */
  name: string;
  port: number;
  env: NodeJS.ProcessEnv;
  /** Folder that takes a log for each of its lives. */
  logs: string;
}

/** One process of a service, which is started again whenever it ends, as a supervisor would. */
export class Member {
  readonly service: ServiceName;
  readonly name: string;
  readonly url: string;
  /** What it said when it ended at work although nobody had asked it to. */
  readonly endings: string[] = [];
  /** How often it ended before it was ready: what it needs was away. */
  failedStarts = 0;
  /** When its process was last started, by `performance.now()`. */
  startedAt = 0;
  /** Whether something is done to it now. */
  disturbed = false;
  private readonly spec: MemberSpec;
  private process: ServiceProcess | undefined;
  private lives = 0;
  private up: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(spec: MemberSpec) {
    this.spec = spec;
    this.service = spec.service;
    this.name = spec.name;
    this.url = `http://127.0.0.1:${spec.port}`;
  }

  /** Starts its process, and again until it is ready: what it needs may be away. */
  start(): void {
    this.startedAt = performance.now();
    this.up = this.live();
  }

  /** Returns once it is ready. */
  async whenUp(): Promise<void> {
    let awaited: Promise<void>;
    do {
      awaited = this.up;
      await awaited;
      // It may have ended by itself meanwhile, and be on its way again.
    } while (awaited !== this.up);
  }

  /** Sends a signal that ends it, and returns once it is gone. */
  async kill(signal: NodeJS.Signals): Promise<void> {
    await this.process?.kill(signal);
  }

  /** @returns what lets it go on */
  freeze(): () => void {
    if (this.process === undefined) throw new Error(`${this.name} is not running`);
    const { pid } = this.process;
    process.kill(pid, 'SIGSTOP');
    return () => void process.kill(pid, 'SIGCONT');
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.process?.stop();
  }

  private ended(how: string): void {
    if (this.stopped) return;
    this.endings.push(how);
    this.start();
  }

  private async live(): Promise<void> {
    const { service, port, env, logs } = this.spec;
    while (!this.stopped) {
      const log = join(logs, `${this.name}.${++this.lives}.log`);
      this.process = new ServiceProcess({ name: service, port, env, log, onExit: (_name, how) => this.ended(how) });
      try {
        return await this.process.start();
      } catch {
        // Why stands in the last line of its log.
        if (!this.stopped) this.failedStarts++;
      }
      this.startedAt = performance.now();
    }
  }
}
