// For the controllers of other libraries: npm would install a copy of swagger for each of them.
export { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
export { createHttpApp, listenAt } from './app.js';
export { bodyFingerprint } from './body-fingerprint.js';
export { demandMatch, entityTagOf, EntityTagged, IfMatch, preconditionFailed, tagsOf } from './entity-tags.js';
export { bearerOf } from './guard.js';
export { EventStream, EventStreamed, lastEventId, type StreamedEvent } from './event-stream.js';
export { EventStreams } from './event-streams.js';
export { currencyCode, emailAddress, sku, text, UUID, uuid, wholeNumber } from './fields.js';
export { HealthChecks, HealthModule } from './health.js';
export { CallerOf, IdempotencyKey, OptionalIdempotencyKey, Operator } from './headers.js';
export { instant, refuseFuture } from './instants.js';
export { type Page, pageOf, pageQuery, pageSchema } from './paging.js';
export { answerWhileStarting } from './starting.js';
export { Problem, ServiceUnavailable } from './problem.js';
