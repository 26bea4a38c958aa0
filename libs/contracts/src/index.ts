export * from './currency.js';
export * from './events.js';
export * from './order-saga.js';
export { outstanding } from './outstanding.js';
export * from './saga-parts.js';
export { sagaPage } from './saga-diagram.js';
export * from './topic-rules.js';
export * from './topics.js';
