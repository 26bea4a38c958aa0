export { Commands } from './commands.js';
export { Connection, Database } from './database.js';
export { connectDurable, DurableModule } from './durable.module.js';
export { WorldIsBad } from './failures.js';
export * from './options.js';
export { ServiceRuntime } from './runtime.js';
export * from './service.js';
export * from './sql.js';
export * from './working-set.js';
