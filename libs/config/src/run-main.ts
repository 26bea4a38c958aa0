import { StartError } from './errors.js';

/** Stops what `main` started; resolves when everything is down. */
export type Stop = () => Promise<unknown>;

/**
 * Runs a program. On SIGTERM or SIGINT it calls the `Stop` that `main` resolved to and exits 0; when that takes longer
 * than `stopWithinMs` it says so and exits 1; a second signal ends it at once. Without a `Stop` signals keep their default.
 *
 * A StartError (ConfigError is one) ends the program with its message and no stack; any other error with its stack. Exit code 1.
 */
export async function runMain(
  main: () => Promise<Stop | void>,
  options: { stopWithinMs?: number } = {},
): Promise<void> {
  try {
    const stop = await main();
    if (stop) stopOnSignal(stop, options.stopWithinMs ?? 10_000);
  } catch (error) {
    fail(error);
  }
}

function stopOnSignal(stop: Stop, withinMs: number): void {
  let isStopping = false;
  const onSignal = (): void => {
    if (isStopping) process.exit(1);
    isStopping = true;
    setTimeout(() => fail(new StartError(`not stopped within ${withinMs} ms: ended by force`)), withinMs).unref();
    stop().then(() => process.exit(0), fail);
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
}

function fail(error: unknown): never {
  const text = error instanceof StartError ? error.message : String((error instanceof Error && error.stack) || error);
  process.stderr.write(`${text}\n`);
  // Not exitCode: pools and sockets that a half-started program opened would keep it alive.
  process.exit(1);
}
