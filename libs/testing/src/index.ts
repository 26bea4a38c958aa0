export { anEvent, eventData } from './builders.js';
export { given } from './given.js';
export { batchContext, handleBatch } from './handle-batch.js';
export { type PlanNode, scansOf } from './plans.js';
export { TestDatabase } from './test-database.js';
