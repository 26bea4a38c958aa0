export { createHttpApp } from './app.js';
export { currencyCode, emailAddress, text, uuid } from './fields.js';
export { type Check, HealthChecks, HealthModule } from './health.js';
export { bodyFingerprint, IdempotencyKey } from './idempotency-key.js';
export { type Page, pageOf, pageQuery, pageSchema } from './paging.js';
export { Problem, problemSchema, ServiceUnavailable } from './problem.js';
