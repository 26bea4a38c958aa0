import type { HeldTraces } from './held-traces.js';

interface Shutdown {
  shutdown(): Promise<void>;
}

let running: Shutdown | undefined;
let held: HeldTraces | undefined;

/** Registers the SDK for `shutdownTelemetry`, and the store of spans that were not sampled. */
export function telemetryRuns(sdk: Shutdown, notSampled: HeldTraces): void {
  running = sdk;
  held = notSampled;
}

/** The traces that were not sampled; undefined where no SDK runs. */
export const heldTraces = (): HeldTraces | undefined => held;

/**
 * Exports the buffered spans and stops the SDK. Resolves at once where no SDK runs, and never rejects: a collector that is
 * away must not keep a service from stopping. To be called last, after every source of spans has stopped.
 */
export async function shutdownTelemetry(withinMs = 2_000): Promise<void> {
  const sdk = running;
  running = undefined;
  if (!sdk) return;
  const deadline = new Promise<void>((resolve) => {
    setTimeout(resolve, withinMs).unref();
  });
  await Promise.race([sdk.shutdown(), deadline]).catch((error: unknown) => {
    process.stderr.write(`telemetry: the last spans were not exported: ${String(error)}\n`);
  });
}
