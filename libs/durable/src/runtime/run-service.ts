import type { DynamicModule } from '@nestjs/common';
import { authenticationOf } from '@orderflow/auth';
import { edgeOf, runMain, type ServiceEnv, StartError } from '@orderflow/config';
import type { Service } from '@orderflow/contracts';
import { answerWhileStarting, createHttpApp, listenAt } from '@orderflow/http';
import { Logger, shutdownTelemetry } from '@orderflow/telemetry';
import { rebuildCommand } from '../rebuild/rebuild-command.js';
import { recoverCommand } from '../recovery/recover-command.js';
import { republishCommand } from '../recovery/republish-command.js';
import { ServiceRuntime } from './runtime.js';

/**
 * Runs a service until SIGTERM or SIGINT: its consumers and workers, then its HTTP API. While it waits for a dependency it is
 * live, and not ready. With the argument `recover`, `republish` or `rebuild` it does that instead (see `Recovery`, `Republish`, `Rebuild`).
 * @param readConfig throws StartError for an invalid environment
 * @param module contains `DurableModule.forService`
 */
export const runService = <Config extends ServiceEnv>(
  service: Service,
  readConfig: () => Config,
  module: { with(config: Config): DynamicModule },
): Promise<void> =>
  runMain(async () => {
    const config = readConfig();
    const [command, ...args] = process.argv.slice(2);
    if (command !== undefined) return runCommand(command, args, service, module.with(config));
    const guard = { service, auth: await authenticationOf(config) };
    const edge = edgeOf(config);
    const started = await answerWhileStarting(config.HOST, config.PORT, guard, edge);
    const app = await createHttpApp(module.with(config), { ...guard, logger: Logger, edge });
    await app.get(ServiceRuntime).check();
    for (const strategy of app.get(ServiceRuntime).strategies)
      app.connectMicroservice({ strategy }, { inheritAppConfig: true });
    await app.startAllMicroservices();
    await started();
    await listenAt(app, config.HOST, config.PORT);
    const stop = async () => {
      await app.close();
      await shutdownTelemetry();
    };
    return { stop, withinMs: config.STOP_TIMEOUT_SECONDS * 1_000 };
  });

type Print = (line: string) => unknown;

const commands: Readonly<Record<string, (runtime: ServiceRuntime, args: string[], print: Print) => Promise<void>>> = {
  recover: ({ recovery }, args, print) => recoverCommand(recovery, args, print),
  republish: ({ republish }, args, print) => republishCommand(republish, args, print),
  rebuild: ({ rebuilds, snapshots }, args, print) =>
    rebuildCommand({ rebuilds, snapshots }, args, print, process.stderr),
};

/** Works on what the service has published, instead of running it. */
async function runCommand(name: string, args: string[], service: Service, module: DynamicModule): Promise<void> {
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined) throw new StartError(`unknown command ${name}: ${Object.keys(commands).join(', ')}`);
  const app = await createHttpApp(module, { service, auth: 'off', logger: Logger });
  await command(app.get(ServiceRuntime), args, (line) => process.stdout.write(`${line}\n`));
  await app.close();
  await shutdownTelemetry();
  // The telemetry that is preloaded would keep the process for its next export.
  process.exit(0);
}
