export { anEvent } from './builders.js';
export { eventually } from './eventually.js';
export { given } from './given.js';
export { testDatabase } from './test-database.js';
