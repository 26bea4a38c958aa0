export * from './decider.js';
export type { Effect, ExternalCall } from './effect.js';
export type { MessageContext } from './message-context.js';
export type { ServiceTypes } from './service-types.js';
export type { SettlementNote, Settlements } from './settlement.js';
export * from './states-by-key.js';
export type { OwnEvent, TakeBack } from './take-back.js';
export type { WorkingSet } from './working-set.js';
