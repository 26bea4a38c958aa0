export { artifactFolder } from './infrastructure/artifacts.js';
export {
  freeInfrastructurePorts,
  type Infrastructure,
  type InfrastructurePorts,
  infrastructurePorts,
  type PartName,
  type Progress,
  removeInfrastructure,
  startInfrastructure,
} from './infrastructure/infrastructure.js';
export { startKafka } from './infrastructure/kafka.js';
export { connected, databaseUrlOf, dropDatabase, type Postgres, startPostgres } from './infrastructure/postgres.js';
export { freezePostgres } from './infrastructure/postgres-freeze.js';
export { demandFullCompatibility, startRegistry } from './infrastructure/registry.js';
export { type Part, startDaemon } from './process/daemon.js';
export { assertPortFree, freePort, listenOn } from './process/ports.js';
export { startTimeOf } from './process/process-identity.js';
export { hasEnded, runGuarded, spawnGuarded, stopAll, stopProcess } from './process/processes.js';
export { newSecret } from './process/secret.js';
export { reasonOf, SetupError } from './process/setup-error.js';
export { migrate } from './system/migrations.js';
export { isEnding, runAndClean, temporaryFolder, TemporaryStack } from './system/temporary-stack.js';
export { portFrom, type SystemPorts, usualPorts } from './system/ports.js';
export { keptSecrets, newSecrets, type Secrets, writeServiceSecrets } from './system/secrets.js';
export { ServiceProcess } from './system/service.js';
export {
  prepareSystem,
  serviceEnv,
  startSystem,
  type System,
  type SystemOptions,
  type SystemSettings,
} from './system/system.js';
export { createTopics } from './system/topics.js';
