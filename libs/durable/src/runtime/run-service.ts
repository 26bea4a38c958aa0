import type { DynamicModule } from '@nestjs/common';
import { runMain } from '@orderflow/config';
import type { Service } from '@orderflow/contracts';
import { answerWhileStarting, createHttpApp } from '@orderflow/http';
import { Logger, shutdownTelemetry } from '@orderflow/telemetry';
import { recoverCommand } from '../recovery/recover-command.js';
import { ServiceRuntime } from './runtime.js';

/**
 * Runs a service until SIGTERM or SIGINT: its consumers and workers, then its HTTP API. While it waits for a dependency it is
 * live, and not ready. With the argument `recover` it takes back events instead (see `Recovery`).
 * @param readConfig throws StartError for an invalid environment
 * @param module contains `DurableModule.forService`
 */
export const runService = <
  Config extends { readonly HOST: string; readonly PORT: number; readonly STOP_TIMEOUT_SECONDS: number },
>(
  service: Service,
  readConfig: () => Config,
  module: { with(config: Config): DynamicModule },
): Promise<void> =>
  runMain(async () => {
    const config = readConfig();
    const [command, ...args] = process.argv.slice(2);
    if (command === 'recover') return recover(service, module.with(config), args);
    const started = await answerWhileStarting(config.HOST, config.PORT);
    const app = await createHttpApp(module.with(config), { service, logger: Logger });
    await app.get(ServiceRuntime).recovery.check();
    for (const strategy of app.get(ServiceRuntime).strategies)
      app.connectMicroservice({ strategy }, { inheritAppConfig: true });
    await app.startAllMicroservices();
    await started();
    await app.listen(config.PORT, config.HOST);
    const stop = async () => {
      await app.close();
      await shutdownTelemetry();
    };
    return { stop, withinMs: config.STOP_TIMEOUT_SECONDS * 1_000 };
  });

/** Takes back what the service has published, instead of running it. */
async function recover(service: Service, module: DynamicModule, args: readonly string[]): Promise<void> {
  const app = await createHttpApp(module, { service, logger: Logger });
  const print = (line: string) => process.stdout.write(`${line}\n`);
  await recoverCommand(app.get(ServiceRuntime).recovery, args, print);
  await app.close();
  await shutdownTelemetry();
  // The telemetry that is preloaded would keep the process for its next export.
  process.exit(0);
}
