import { constants } from 'node:os';
import { StartError } from './errors.js';

/** A program that runs until it is stopped. */
interface Running {
  /** Stops everything that `main` started; resolves when it has stopped. */
  readonly stop: () => Promise<unknown>;
  readonly withinMs: number;
}

/**
 * Runs a program. On SIGTERM or SIGINT it calls the `stop` that `main` resolved to and exits 0. When the stop takes longer than
 * `withinMs` it prints a line and exits 1; a second signal exits at once. A signal before `main` has resolved ends the program
 * with the exit code of the signal, also as process 1 of a container, for which the kernel has no default.
 *
 * A StartError or a taken port ends the program with one line without stack, any other error with its
 * stack. Exit code 1.
 */
export async function runMain(main: () => Promise<Running | void>): Promise<void> {
  // guard: a program that is still starting obeys a signal
  for (const signal of SIGNALS) process.on(signal, endAtOnce);
  try {
    const running = await main();
    for (const signal of SIGNALS) process.off(signal, endAtOnce);
    if (running) stopOnSignal(running);
  } catch (error) {
    fail(error);
  }
}

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

// The exit code that a shell gives to a program that a signal has ended.
const endAtOnce = (signal: NodeJS.Signals): never => process.exit(128 + constants.signals[signal]);

function stopOnSignal({ stop, withinMs }: Running): void {
  let isStopping = false;
  const onSignal = (): void => {
    if (isStopping) process.exit(1);
    isStopping = true;
    setTimeout(() => fail(new StartError(`not stopped within ${withinMs} ms: exiting`)), withinMs).unref();
    stop().then(() => process.exit(0), fail);
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
}

function fail(error: unknown): never {
  process.stderr.write(`${textOf(error)}\n`);
  // Not exitCode: pools and sockets that a half-started program opened would keep it alive.
  process.exit(1);
}

function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof StartError) return error.message;
  const { code, syscall, address, port } = error as NodeJS.ErrnoException & { address?: string; port?: number };
  if (syscall === 'listen' && (code === 'EADDRINUSE' || code === 'EACCES')) {
    const why = code === 'EADDRINUSE' ? 'is taken; stop the program that listens there, or' : 'is not permitted;';
    return `port ${port} of ${address} ${why} choose another port`;
  }
  return error.stack ?? error.message;
}
