/** The bodies of the API, as JSON. */
export type { ActionItem, DiscardedAnswer, DryRunAnswer, OpenedAnswer, ParkedItem } from './answers.js';
export { DeadLettersModule } from './dead-letters.module.js';
export type { ExpiredItem } from './expired/answers.js';
export type { CallActionItem, CallItem, OpenedCallAnswer } from './calls/answers.js';
