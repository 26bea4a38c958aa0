export { effectRules } from './effect-rules.ts';
export { historyRules } from './history-rules.ts';
export * from './order-facts.ts';
export * from './order-rules.ts';
export * from './queue-rules.ts';
export * from './request-rules.ts';
export * from './rule.ts';
export * from './stock-rules.ts';
export * from './stream-rules.ts';
