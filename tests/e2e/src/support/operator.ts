import type { ServiceName } from '@orderflow/client';
import { type Ran, runOps } from './run-ops.js';
import type { TestSystem } from './test-system.js';

/** Runs a command on one service of a system, as an operator would. */
export const operate = (
  system: TestSystem,
  command: 'recover' | 'republish',
  service: ServiceName,
  ...args: string[]
): Promise<Ran> =>
  runOps(command, [service, ...args], {
    KAFKA_BROKERS: system.infrastructure.kafkaBrokers,
    SCHEMA_REGISTRY_URL: system.infrastructure.schemaRegistryUrl,
    TOPIC_PREFIX: system.prefixes.topics,
    DATABASE_URL: system.infrastructure.databaseUrl,
    DATABASE_PREFIX: system.prefixes.databases,
  });
