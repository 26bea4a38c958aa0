export { StartError } from './errors.js';
export { parseConfig } from './parse-config.js';
export { databaseUrl, flag, host, integer, millis, oneOf, port, seconds, secret, url } from './pieces.js';
export { runMain } from './run-main.js';
export {
  type AuthEnv,
  corsEnv,
  edgeEnv,
  edgeOf,
  kafkaEnv,
  type KafkaEnv,
  serviceEnv,
  type ServiceEnv,
} from './service-env.js';
export { type Patience, untilReached } from './until-reached.js';
