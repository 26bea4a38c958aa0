/** Temporary systems for programs that test or measure, removed when the program ends. */
import { EventEmitter } from 'node:events';
import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  freeInfrastructurePorts,
  type Infrastructure,
  removeInfrastructure,
  startInfrastructure,
} from '../infrastructure/infrastructure.js';
import type { Reuse } from '../infrastructure/reuse.js';
import { stopAll } from '../process/processes.js';
import { reasonOf } from '../process/setup-error.js';
import { newSecrets, type Secrets } from './secrets.js';
import { startSystem, type System, type SystemOptions } from './system.js';

const folders: string[] = [];
let ending = false;

/** Whether the program was interrupted: a failure from now on is a consequence of the stop. */
export const isEnding = (): boolean => ending;

/** A temporary folder for the data of a program, removed when it ends, with the data that PostgreSQL keeps elsewhere. */
export function temporaryFolder(program: string): string {
  const dir = mkdtempSync(join(tmpdir(), `orderflow-${program}-`));
  folders.push(dir);
  // A temporary folder has mode 0700, and as root PostgreSQL runs as another user.
  chmodSync(dir, 0o755);
  return dir;
}

/** PostgreSQL, Kafka and a registry in a temporary folder on free ports, with systems on them. */
export class TemporaryStack {
  readonly dir: string;
  readonly infrastructure: Infrastructure;
  /** Rejects when a process ends unexpectedly; else never settles. */
  readonly broken: Promise<never>;
  private readonly services = new EventEmitter();

  private constructor(
    dir: string,
    infrastructure: Infrastructure,
    private readonly secrets: Secrets,
  ) {
    this.dir = dir;
    this.infrastructure = infrastructure;
    this.broken = Promise.race([
      new Promise<never>((_resolve, reject) => this.services.once('ended', (how: string) => reject(new Error(how)))),
      infrastructure.died.then((how): never => {
        throw new Error(how);
      }),
    ]);
    // It may reject while no caller awaits it.
    this.broken.catch(() => undefined);
  }

  /**
   * @param secure whether the parts have TLS, and a login for each program
   * @param reuse parts that run elsewhere
   */
  static async start(
    program: string,
    { secure = false, reuse = {} }: { secure?: boolean; reuse?: Reuse } = {},
  ): Promise<TemporaryStack> {
    const dir = temporaryFolder(program);
    const infrastructure = await startInfrastructure({ dir, ports: await freeInfrastructurePorts(), secure, reuse });
    return new TemporaryStack(dir, infrastructure, await newSecrets());
  }

  /** Starts a system. With prefixes of their own, several systems can follow each other on one stack. */
  async startSystem(
    given: Required<Pick<SystemOptions, 'databasePrefix' | 'topicPrefix' | 'env'>> & Pick<SystemOptions, 'auth'>,
  ): Promise<System> {
    return startSystem({
      ...given,
      infrastructure: this.infrastructure,
      secrets: this.secrets,
      ports: 'free',
      log: join(this.dir, 'logs'),
      env: { ...given.env, all: { LOG_LEVEL: 'warn', ...given.env.all } },
      onExit: (_service, how) => this.services.emit('ended', how),
    });
  }

  async stop(): Promise<void> {
    await this.infrastructure.stop();
    await removeInfrastructure(this.dir);
  }
}

/**
 * Runs a program, then ends every process it started and removes its folders, also after Ctrl-C.
 * @param run resolves to whether it succeeded, which sets the exit code
 */
export async function runAndClean(run: () => Promise<boolean>): Promise<never> {
  const interrupted = new Promise<number>((resolve) => {
    // `on`, not `once`: under npm Ctrl-C arrives from the terminal and from npm.
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve(130));
  });
  void interrupted.then(() => {
    ending = true;
    console.log('Interrupted: stopping all processes');
  });
  let code = 1;
  try {
    code = await Promise.race([run().then((ok) => (ok ? 0 : 1)), interrupted]);
  } catch (error) {
    console.error(reasonOf(error));
  }
  await stopAll();
  for (const dir of folders) await removeInfrastructure(dir);
  process.exit(code);
}
