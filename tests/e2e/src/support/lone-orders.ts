import { afterAll, beforeAll, jest } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { databaseUrlOf, dropDatabase, freePort, migrate, newSecrets, spawnGuarded } from '@orderflow/local';
import { KafkajsBroker } from '@orderflow/kafka';
import { repository } from './run-ops.js';
import { sharedInfrastructure, TEST_MS } from './test-system.js';

/** Orders without the other services, on a database and topics of its own. */
export class LoneOrders {
  readonly shared = sharedInfrastructure();
  /** Its environment, in which nothing is wrong. */
  env!: Readonly<Record<string, string>> & { readonly PORT: string };

  constructor() {
    jest.setTimeout(TEST_MS);
    const id = randomUUID().slice(0, 8);
    const databaseUrl = databaseUrlOf(this.shared.databaseUrl, `e2e_${id}_orders`);
    const topicPrefix = `e2e-${id}.`;
    beforeAll(async () => {
      await migrate({ databaseUrl, folder: join(repository, 'prisma', 'orders', 'migrations') });
      const broker = new KafkajsBroker({ brokers: this.shared.kafkaBrokers.split(','), clientId: 'e2e' });
      await broker.ensureTopics(topicPrefix);
      await broker.disconnect();
      const { PAYMENT_TOKEN_PRIVATE_KEYS: _ofPayments, ...secrets } = await newSecrets();
      this.env = {
        ...secrets,
        HOST: '127.0.0.1',
        PORT: String(await freePort()),
        DATABASE_URL: databaseUrl,
        KAFKA_BROKERS: this.shared.kafkaBrokers,
        SCHEMA_REGISTRY_URL: this.shared.schemaRegistryUrl,
        SCHEMA_AUTO_REGISTER: 'true',
        TOPIC_PREFIX: topicPrefix,
        AUTH: 'off',
        LOG_LEVEL: 'silent',
      };
    });
    afterAll(async () => dropDatabase(databaseUrl));
  }

  /** Starts it as its container would. @param args of a command that it carries out instead */
  spawn(env: Readonly<Record<string, string>>, ...args: readonly string[]) {
    const program = ['--import', '@orderflow/telemetry/register', join('apps', 'orders', 'dist', 'main.js'), ...args];
    return spawnGuarded(process.execPath, program, {
      cwd: repository,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...this.env, ...env },
    });
  }
}
