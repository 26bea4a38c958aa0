export { artifactFolder, type Artifact } from './infrastructure/artifacts.js';
export {
  freeInfrastructurePorts,
  infrastructurePorts,
  removeInfrastructure,
  startInfrastructure,
  type Infrastructure,
  type InfrastructureOptions,
  type InfrastructurePorts,
  type PartName,
  type Progress,
} from './infrastructure/infrastructure.js';
export { startKafka, type Kafka, type KafkaOptions } from './infrastructure/kafka.js';
export type { Part } from './infrastructure/part.js';
export { assertPortFree, freePort, freePorts } from './process/ports.js';
export { freezePostgres, type FrozenPostgres } from './infrastructure/postgres-freeze.js';
export { startPostgres, type Postgres, type PostgresOptions } from './infrastructure/postgres.js';
export { hasEnded, runGuarded, spawnGuarded, stopAll, stopProcess, type GuardedOptions } from './process/processes.js';
export {
  demandFullCompatibility,
  startRegistry,
  type Registry,
  type RegistryOptions,
} from './infrastructure/registry.js';
export type { Reuse } from './infrastructure/reuse.js';
export { reasonOf, SetupError } from './process/setup-error.js';
export * from './system/own-stack.js';
export * from './system/system.js';
