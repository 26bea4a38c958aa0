export { configureHttp, createHttpApp, type HttpAppOptions } from './app.js';
export { BODY_LIMIT_BYTES, httpAdapter } from './adapter.js';
export { type Check, HealthChecks, HealthModule } from './health.js';
export { bodyFingerprint, IdempotencyKey, idempotencyKeySchema } from './idempotency-key.js';
export { currencyCode, emailAddress, text, uuid } from './fields.js';
export { type Page, pageOf, pageQuery, pageSchema } from './paging.js';
export { type FieldError, Problem, problemSchema, ServiceUnavailable, toProblem } from './problem.js';
export { ProblemFilter } from './problem-filter.js';
export { SchemaPipe } from './schema-pipe.js';
