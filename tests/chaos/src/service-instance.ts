import { join } from 'node:path';
import type { ServiceName } from '@orderflow/client';
import { ServiceProcess } from '@orderflow/local';

interface InstanceSpec {
  service: ServiceName;
  /** Unique among all instances. */
  name: string;
  port: number;
  env: NodeJS.ProcessEnv;
  /** Folder for its logs, one for each start. */
  logs: string;
  /** The releases of its starts in turn, as by a deploy and a rollback. */
  versions: readonly ('newest' | 'older')[];
  /** With which it is watched, where it asks for one. */
  monitorToken: string | undefined;
}

/** One process of a service, restarted whenever it ends, as by a supervisor. */
export class ServiceInstance {
  readonly service: ServiceName;
  readonly name: string;
  readonly url: string;
  /** Why it ended at work by itself, in its own words. */
  readonly exits: string[] = [];
  /** How often it ended before it was ready: a dependency was unavailable. */
  failedStarts = 0;
  /** Last start of its process, by `performance.now()`. */
  startedAt = 0;
  /** Whether a fault is being injected into it. */
  isFaulty = false;
  private readonly spec: InstanceSpec;
  private process: ServiceProcess | undefined;
  private starts = 0;
  private ready: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(spec: InstanceSpec) {
    this.spec = spec;
    this.service = spec.service;
    this.name = spec.name;
    this.url = `http://127.0.0.1:${spec.port}`;
  }

  /** A further process with the same settings, on another port. */
  another(port: number): ServiceInstance {
    const { name, env, ...spec } = this.spec;
    return new ServiceInstance({ ...spec, name: `${name}-${port}`, port, env: { ...env, PORT: String(port) } });
  }

  /** An answer of it to its monitor. */
  async get(path: string, signal: AbortSignal): Promise<Response> {
    const { monitorToken: token } = this.spec;
    return fetch(this.url + path, { signal, headers: token === undefined ? {} : { authorization: `Bearer ${token}` } });
  }

  /** Starts its process, repeatedly until it is ready: a dependency may be unavailable. */
  start(): void {
    this.startedAt = performance.now();
    this.ready = this.startUntilReady();
  }

  /** Returns once it is ready. */
  async whenReady(): Promise<void> {
    let awaited: Promise<void>;
    do {
      awaited = this.ready;
      await awaited;
      // It may have ended by itself meanwhile and be starting again.
    } while (awaited !== this.ready);
  }

  /** Sends a signal that ends it, and returns once it is gone. */
  async kill(signal: NodeJS.Signals): Promise<void> {
    await this.process?.kill(signal);
  }

  /** Stops it with SIGSTOP. @returns a function that resumes it */
  freeze(): () => void {
    const { pid } = this.process!;
    process.kill(pid, 'SIGSTOP');
    return () => void process.kill(pid, 'SIGCONT');
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.process?.stop();
  }

  private async startUntilReady(): Promise<void> {
    const { service: name, port, logs, versions } = this.spec;
    const onExit = (_name: ServiceName, reason: string) => {
      if (this.stopped) return;
      this.exits.push(reason);
      this.start();
    };
    while (!this.stopped) {
      const isOlder = versions[this.starts % versions.length] === 'older';
      const env = { ...this.spec.env, TEST_OLDER_CONTRACTS: String(isOlder) };
      const log = join(logs, `${this.name}.${++this.starts}.log`);
      this.process = new ServiceProcess({ name, port, env, log, onExit });
      try {
        return await this.process.start();
      } catch {
        // Its log ends with the reason.
        if (!this.stopped) this.failedStarts++;
      }
      this.startedAt = performance.now();
    }
  }
}
