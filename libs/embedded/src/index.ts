export { artifactFolder, type Artifact } from './artifacts.js';
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
} from './infrastructure.js';
export { startKafka, type Kafka, type KafkaOptions } from './kafka.js';
export type { Part } from './part.js';
export { assertPortFree, freePort, freePorts } from './ports.js';
export { freezePostgres, type FrozenPostgres } from './postgres-freeze.js';
export { startPostgres, type Postgres, type PostgresOptions } from './postgres.js';
export { hasEnded, runGuarded, spawnGuarded, stopAll, stopProcess, type GuardedOptions } from './processes.js';
export { demandFullCompatibility, startRegistry, type Registry, type RegistryOptions } from './registry.js';
export type { Reuse } from './reuse.js';
export { reasonOf, SetupError } from './setup-error.js';
export * from './system.js';
