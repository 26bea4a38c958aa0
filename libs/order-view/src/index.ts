export * from './cut.js';
export * from './difference.js';
export * from './edges.js';
export * from './order-view.js';
export * from './owed.js';
export { type PricedLine, pricedLine } from './priced-line.js';
export { sentenceOf } from './sentence.js';
export { type OrderEvent, wordsFor } from './words.js';
