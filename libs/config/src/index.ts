export { ConfigError, StartError } from './errors.js';
export { parseConfig } from './parse-config.js';
export { brokers, databaseUrl, flag, host, integer, millis, port, seconds, url } from './pieces.js';
export { runMain, type Stop } from './run-main.js';
export { serviceEnv, type ServiceEnv } from './service-env.js';
