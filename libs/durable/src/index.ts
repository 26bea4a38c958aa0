export * from './service.js';
export * from './sql.js';
export * from './working-set.js';
