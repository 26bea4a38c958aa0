import { effectRules } from './effect-rules.ts';
import { historyRules } from './history-rules.ts';

export type * from './order-facts.ts';
export * from './expired-rules.ts';
export * from './journal-rules.ts';
export * from './price-rules.ts';
export * from './queue-rules.ts';
export * from './request-rules.ts';
export { type BrokenRule, type Figures, type Rule, type Violation, violationsOf } from './rule.ts';
export * from './stock-rules.ts';
export * from './stream-rules.ts';

/** Every rule about one order, whatever its age. */
export const orderRules = [...historyRules, ...effectRules];
