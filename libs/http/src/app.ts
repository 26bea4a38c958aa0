import type { DynamicModule, LoggerService, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { SwaggerModule } from '@nestjs/swagger';
import { httpAdapter } from './adapter.js';
import { RequestGuard } from './negotiation.js';
import { documentOf } from './openapi.js';
import { ProblemFilter } from './problem-filter.js';
import { SchemaPipe } from './schema-pipe.js';

interface HttpAppOptions {
  /** Name of the service, and default title of its API documentation. */
  service: string;
  title?: string;
  description?: string;
  /** The logger of Nest, for instance nestjs-pino's `Logger`. */
  logger?: Type<LoggerService>;
  /** How long requests in flight may continue after the stop began, in milliseconds (2,000). */
  closeGraceMs?: number;
}

/** Creates the Nest application of a service, ready for `listen`: adapter, validation, problem documents, `/docs`. */
export async function createHttpApp(
  module: Type | DynamicModule,
  options: HttpAppOptions,
): Promise<NestFastifyApplication> {
  const adapter = httpAdapter(options.closeGraceMs);
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
  const about = { title: options.title ?? options.service, description: options.description };
  SwaggerModule.setup('docs', app, () => documentOf(app, about), { jsonDocumentUrl: 'docs-json' });
  return app;
}
