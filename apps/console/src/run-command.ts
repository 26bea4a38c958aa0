import { StartError } from '@orderflow/config';
import { rebuildCommand } from '@orderflow/durable';
import { createHttpApp } from '@orderflow/http';
import { Logger, shutdownTelemetry } from '@orderflow/telemetry';
import { JournalRuntime } from './adapters/journal-runtime.js';
import type { Config } from './config.js';
import { ConsoleModule } from './console.module.js';

/** Works on the journal, instead of running the console: `rebuild journal` (see `JournalRebuild`). */
export async function runCommand(command: string, args: readonly string[], config: Config): Promise<never> {
  if (command !== 'rebuild') throw new StartError(`unknown command ${command}: rebuild`);
  const app = await createHttpApp(ConsoleModule.with(config, 'off'), {
    service: 'console',
    auth: 'off',
    logger: Logger,
  });
  const { rebuild } = app.get(JournalRuntime).parts;
  const print = (line: string) => process.stdout.write(`${line}\n`);
  await rebuildCommand({ rebuilds: [rebuild], snapshots: undefined }, args, print, process.stderr);
  await app.close();
  await shutdownTelemetry();
  // The telemetry that is preloaded would keep the process for its next export.
  process.exit(0);
}
