export { anEvent, eventData } from './builders.js';
export { given } from './given.js';
export { testDatabase } from './test-database.js';
