export * from './decider.js';
export type { Effect, OutsideCall } from './effect.js';
export type { Cause } from './message-context.js';
export * from './states-by-key.js';
export type { WorkingSet } from './working-set.js';
