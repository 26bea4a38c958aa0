import 'reflect-metadata';
import { authenticationOf } from '@orderflow/auth';
import { edgeOf, parseConfig, runMain } from '@orderflow/config';
import { createHttpApp, listenAt } from '@orderflow/http';
import { Logger, shutdownTelemetry } from '@orderflow/telemetry';
import { configSchema } from './config.js';
import { SandboxModule } from './sandbox.module.js';

async function main() {
  const config = parseConfig(configSchema);
  const app = await createHttpApp(SandboxModule.with(config), {
    service: 'sandbox',
    auth: await authenticationOf(config),
    description: 'A payment provider and a mailbox for tests and demos, with switchable faults.',
    logger: Logger,
    edge: edgeOf(config),
    // Short: unanswered requests of tok_timeout would delay the stop.
    closeGraceMs: 1_000,
  });
  await listenAt(app, config.HOST, config.PORT);
  const stop = async () => {
    await app.close();
    await shutdownTelemetry();
  };
  return { stop, withinMs: 5_000 };
}

await runMain(main);
