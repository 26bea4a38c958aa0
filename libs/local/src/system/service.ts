import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ServiceName } from '@orderflow/client';
import { startDaemon } from '../process/daemon.js';
import type { Part } from '../infrastructure/part.js';

/** The same three levels up from src/ and from dist/. */
export const repository = fileURLToPath(new URL('../../../..', import.meta.url));

export interface ServiceSpec {
  name: ServiceName;
  /** TCP port on 127.0.0.1. */
  port: number;
  env: NodeJS.ProcessEnv;
  /** File that takes its log lines. */
  log: string;
  /** Told in one line when it ends although nobody here ended it. */
  onExit: (service: ServiceName, how: string) => void;
}

/** One service as a process of its own, which tests may kill and start again. */
export class ServiceProcess {
  private part: Part | undefined;

  constructor(private readonly spec: ServiceSpec) {}

  /** Its process number. @throws Error while it is down */
  get pid(): number {
    if (this.part === undefined) throw new Error(`the service ${this.spec.name} is not running`);
    return this.part.pid;
  }

  /**
   * Starts it and returns once `/health/ready` answers 200.
   * @throws SetupError with its last line when it ends, or stays unready for 120 s
   */
  async start(): Promise<void> {
    const { name, port, env, log, onExit } = this.spec;
    const part = await startDaemon({
      name: `The service ${name}`,
      command: process.execPath,
      args: ['--import', '@orderflow/telemetry/register', join('apps', name, 'dist', 'main.js')],
      options: { cwd: repository, env },
      log,
      ready: async () => isReady(port),
    });
    this.part = part;
    void part.died.then((line) => {
      if (this.part !== part) return;
      this.part = undefined;
      onExit(name, line);
    });
  }

  /** Sends the signal and returns once the process is gone: not for one that it survives. */
  async kill(signal: NodeJS.Signals): Promise<void> {
    const { part } = this;
    if (part === undefined) return;
    this.part = undefined;
    process.kill(part.pid, signal);
    await part.died;
  }

  /** Lets it end in an orderly way, and returns once it is gone. */
  async stop(): Promise<void> {
    await this.part?.stop();
  }
}

async function isReady(port: number): Promise<void> {
  const answer = await fetch(`http://127.0.0.1:${port}/health/ready`, { signal: AbortSignal.timeout(5_000) });
  const body = await answer.text();
  if (!answer.ok) throw new Error(`/health/ready answers ${answer.status} ${body.slice(0, 200)}`);
}
