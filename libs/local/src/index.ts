export { artifactFolder, fetchedByMaven } from './infrastructure/artifacts.js';
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
export { type Kafka, startKafka } from './infrastructure/kafka.js';
export type { KafkaBrokerSecurity } from './infrastructure/kafka-properties.js';
export { type ClusterPorts, KafkaCluster } from './infrastructure/kafka-cluster.js';
export { connected, databaseUrlOf, dropDatabase, type Postgres, startPostgres } from './infrastructure/postgres.js';
export { type HeldLock, killAtLock, lockOfSwitch } from './infrastructure/kill-at-lock.js';
export { freezePostgres } from './infrastructure/postgres-freeze.js';
export { startRegistry } from './infrastructure/registry.js';
export { type Part, startDaemon } from './process/daemon.js';
export { javaArgs, javaCommand, javaEnv, requireJava } from './process/java.js';
export { assertPortFree, freePort, freePortsFor, listenOn } from './process/ports.js';
export { endWhenOutputCloses } from './process/closed-output.js';
export { killWhen, type Outcome, outcomeOf } from './process/outcomes.js';
export { startTimeOf } from './process/process-identity.js';
export { hasEnded, runGuarded, spawnGuarded, stopAll, stopProcess } from './process/processes.js';
export { newSecret } from './process/secret.js';
export { codeOf, reasonOf, SetupError } from './process/setup-error.js';
export { Security } from './security/security.js';
export { kafkaLoginEnv, kafkaSecurityAs, type KafkaUser, type Logins, type PostgresRole } from './security/logins.js';
export { type Auth, type ConfiguredAuth, configuredAuth } from './system/auth.js';
export { assertConsolePort, type Console, consoleEnv, startConsole } from './system/console.js';
export { writeContainerAuth } from './system/container-auth.js';
export { writeContainerSecurity } from './system/container-security.js';
export { databaseUrlAs, makeRoles, prepareDatabase, prepareDatabases } from './system/databases.js';
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
export {
  keptTokenKeys,
  newTokenKeys,
  signToken,
  type TokenClaims,
  tokenKeyIn,
  type TokenKeys,
} from './system/token-keys.js';
export { allowPrograms, allowRegistry, createTopics } from './system/topics.js';
