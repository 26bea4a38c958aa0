import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ProgramName, ServiceName } from '@orderflow/client';
import { type Part, startDaemon } from '../process/daemon.js';

/** The repository: four levels up from src/system/ and from dist/system/. */
export const repository = fileURLToPath(new URL('../../../..', import.meta.url));

export interface ServiceSpec<Name extends ProgramName = ServiceName> {
  name: Name;
  /** TCP port on 127.0.0.1. */
  port: number;
  env: NodeJS.ProcessEnv;
  /** What to run, by default the built service of this repository: arguments of Node, and the working directory. */
  program?: { args: readonly string[]; folder: string };
  /** Its log file. */
  log: string;
  /** Called with one line when it ends unexpectedly. */
  onExit(service: Name, how: string): void;
}

/** One service in its own process, which tests can kill and start again. */
export class ServiceProcess<Name extends ProgramName = ServiceName> {
  private part: Part | undefined;

  constructor(private readonly spec: ServiceSpec<Name>) {}

  /** Its process id. @throws Error while it is not running */
  get pid(): number {
    if (this.part === undefined) throw new Error(`the service ${this.spec.name} is not running`);
    return this.part.pid;
  }

  /**
   * Starts it and resolves once `/health/ready` answers 200.
   * @throws SetupError with its last line when it ends, or is not ready within 120 s
   */
  async start(): Promise<void> {
    const { name, port, env, log, program = builtProgram(name) } = this.spec;
    const part = await startDaemon({
      name: `The service ${name}`,
      command: process.execPath,
      args: program.args,
      options: { cwd: program.folder, env },
      log,
      ready: async () => isReady(port),
    });
    this.part = part;
    void part.died.then((line) => {
      if (this.part !== part) return;
      this.part = undefined;
      this.spec.onExit(name, line);
    });
  }

  /** Sends a signal that ends the process, and resolves once it has ended. */
  async kill(signal: NodeJS.Signals): Promise<void> {
    const { part } = this;
    if (part === undefined) return;
    this.part = undefined;
    process.kill(part.pid, signal);
    await part.died;
  }

  /** Stops it in an orderly way, and resolves once it has ended. */
  async stop(): Promise<void> {
    await this.part?.stop();
  }
}

const builtProgram = (name: ProgramName) => ({
  args: ['--import', '@orderflow/telemetry/register', join('apps', name, 'dist', 'main.js')],
  folder: repository,
});

async function isReady(port: number): Promise<void> {
  const answer = await fetch(`http://127.0.0.1:${port}/health/ready`, { signal: AbortSignal.timeout(5_000) });
  const body = await answer.text();
  if (!answer.ok) throw new Error(`/health/ready answers ${answer.status} ${body.slice(0, 200)}`);
}
