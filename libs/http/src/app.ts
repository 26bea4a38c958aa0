import { type DynamicModule, Logger, type LoggerService, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { FastifyAdapter, NestFastifyApplication } from '@nestjs/platform-fastify';
import { SwaggerModule } from '@nestjs/swagger';
import { accessTable } from '@orderflow/auth';
import { type EdgeSettings, httpAdapter } from './adapter.js';
import type { GuardOptions } from './guard.js';
import { MAX_CONNECTIONS } from './limits.js';
import { RequestGuard } from './negotiation.js';
import { documentOf } from './openapi.js';
import { ProblemFilter } from './problem-filter.js';
import { SchemaPipe } from './schema-pipe.js';

/** `service` is also the default title of the API documentation. */
interface HttpAppOptions extends GuardOptions {
  title?: string;
  description?: string;
  /** The logger of Nest, for instance nestjs-pino's `Logger`. */
  logger?: Type<LoggerService>;
  /** How long requests in flight may continue after the stop began, in milliseconds (2,000). */
  closeGraceMs?: number;
  edge?: EdgeSettings;
}

/** Creates the Nest application of a service, ready for `listen`: adapter, validation, problem documents, `/docs`. */
export async function createHttpApp(
  module: Type | DynamicModule,
  options: HttpAppOptions,
): Promise<NestFastifyApplication> {
  const adapter = httpAdapter(options, options.closeGraceMs, options.edge);
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    bodyParser: false,
    // runMain prints a failed start in one line; Nest would log it first, with a stack.
    ...(options.logger && { logger: false }),
    return503OnClosing: true,
    // Nest would end the process itself instead of rejecting.
    abortOnError: false,
  });
  if (options.logger) app.useLogger(app.get(options.logger));
  app.useGlobalFilters(new ProblemFilter());
  app.useGlobalGuards(new RequestGuard());
  app.useGlobalPipes(new SchemaPipe());
  const { service, auth, routes = accessTable[service] ?? {} } = options;
  const about = {
    title: options.title ?? service,
    description: options.description,
    routes: auth === 'off' ? undefined : routes,
  };
  if (auth === 'off') warnOnListen(adapter);
  SwaggerModule.setup('docs', app, () => documentOf(app, about), { jsonDocumentUrl: 'docs-json' });
  return app;
}

/** Answers at this address, until the application is closed. */
export async function listenAt(app: NestFastifyApplication, host: string, port: number): Promise<void> {
  // With the 511 of Node.js, a client that connects together with a thousand others is only let in when it tries again, after 1 to 7 s.
  await app.listen({ host, port, backlog: MAX_CONNECTIONS });
}

/** A command that only opens the application, such as `recover`, says nothing. */
function warnOnListen(adapter: FastifyAdapter): void {
  adapter.getInstance().addHook('onListen', async () => {
    new Logger('Http').warn('AUTH=off: every caller may do everything');
  });
}
