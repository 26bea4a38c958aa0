import 'reflect-metadata';
import { authenticationOf } from '@orderflow/auth';
import { edgeOf, runMain } from '@orderflow/config';
import { answerWhileStarting, createHttpApp, listenAt } from '@orderflow/http';
import { Logger, shutdownTelemetry } from '@orderflow/telemetry';
import { readConfig } from './config.js';
import { ConsoleModule } from './console.module.js';
import { runCommand } from './run-command.js';
import { servePages } from './http/pages.js';
import { tokenOf } from './http/session/session-cookie.js';

await runMain(async () => {
  const config = readConfig();
  const [command, ...args] = process.argv.slice(2);
  if (command !== undefined) return runCommand(command, args, config);
  const auth = await authenticationOf(config);
  const guard = { service: 'console', auth, tokenOf };
  const edge = edgeOf(config);
  const started = await answerWhileStarting(config.HOST, config.PORT, guard, edge);
  const app = await createHttpApp(ConsoleModule.with(config, auth), {
    ...guard,
    description: 'The journal of all events: every order, now and then.',
    logger: Logger,
    edge,
  });
  if (!(await servePages(app))) app.get(Logger).warn('The pages are not built: run `npm run build`');
  if (auth !== 'off' && config.CONSOLE_TOKEN === undefined)
    app.get(Logger).warn('CONSOLE_TOKEN is not set: outboxes and lists of dead letters cannot be read');
  await started();
  await listenAt(app, config.HOST, config.PORT);
  const stop = async () => {
    await app.close();
    await shutdownTelemetry();
  };
  return { stop, withinMs: config.STOP_TIMEOUT_SECONDS * 1_000 };
});
