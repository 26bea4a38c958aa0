export * from './events.js';
export * from './order-saga.js';
export * from './topics.js';
