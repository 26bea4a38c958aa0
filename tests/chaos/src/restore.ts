import { join } from 'node:path';
import { eventually } from '@orderflow/client';
import type { Service } from '@orderflow/contracts';
import {
  connected,
  databaseUrlAs,
  databaseUrlOf,
  freePort,
  kafkaLoginEnv,
  prepareDatabases,
  runGuarded,
} from '@orderflow/local';
import { copyDatabase, restoreDatabase } from '../../../libs/local/test/database-copies.ts';
import type { ChaosStack } from './stack.ts';

const repository = join(import.meta.dirname, '..', '..', '..');
// Broker, database or registry may be away for a minute, and start again for as long.
const TIMEOUT_MS = 240_000;
const POLL_MS = 500;
/** A line of `orderflow recover`: how many events of a type were taken back. */
const TAKEN_BACK = /^ +(\d+) {2}\w+$/gm;

/** A copy of the database of a service, and the way back to it. */
export class Snapshot {
  private readonly stack: ChaosStack;
  private readonly service: Service;

  private constructor(stack: ChaosStack, service: Service) {
    this.stack = stack;
    this.service = service;
  }

  /** Copies the database of a service at work. */
  static async take(stack: ChaosStack, service: Service): Promise<Snapshot> {
    const snapshot = new Snapshot(stack, service);
    await snapshot.untilDone(async (serverUrl) => copyDatabase(serverUrl, service, snapshot.copy));
    return snapshot;
  }

  /** Stops the service, restores its database, takes back what it has published since, and starts it, as the runbook says. */
  async restore(): Promise<void> {
    const { stack, service, copy } = this;
    const instances = ([1, 2] as const).map((number) => stack.instance(service, number));
    for (const instance of instances) await instance.whenReady();
    for (const instance of instances) instance.isFaulty = true;
    await Promise.all(instances.map(async (instance) => instance.kill('SIGTERM')));
    await this.drainOutbox();
    await this.untilDone(async (serverUrl) => restoreDatabase(serverUrl, service, copy));
    await this.restoreRights();
    const output = await this.untilDone(async () => this.recover());
    for (const [, count] of output.matchAll(TAKEN_BACK)) stack.takenBack += Number(count);
    for (const instance of instances) {
      instance.start();
      instance.isFaulty = false;
    }
  }

  /** What a restore would lose: orders that were accepted and not yet published. No customer knows the port meanwhile. */
  private async drainOutbox(): Promise<void> {
    const last = await this.unsent('max(id)');
    if (last === null) return;
    const drain = this.stack.instance(this.service).another(await freePort());
    drain.start();
    await this.untilDone(async () => {
      const oldest = await this.unsent('min(id)');
      if (oldest !== null && BigInt(oldest) <= BigInt(last)) throw new Error(`${oldest} is not published`);
    });
    await drain.stop();
  }

  /** @param of the ids of the outbox, in SQL */
  private async unsent(of: string): Promise<string | null> {
    return this.untilDone(async (serverUrl) =>
      connected(databaseUrlOf(serverUrl, this.service), async (client) => {
        const { rows } = await client.query<{ id: string | null }>(
          `SELECT ${of}::text AS id FROM outbox WHERE rejected_at IS NULL`,
        );
        return rows[0]!.id;
      }),
    );
  }

  /** A copy keeps the rights on its tables, and not those on the database itself. */
  private async restoreRights(): Promise<void> {
    const { logins } = this.stack.access;
    if (logins === undefined) return;
    await this.untilDone(async (databaseUrl) => prepareDatabases({ databaseUrl, logins }, '', [this.service]));
  }

  private async recover(): Promise<string> {
    const { kafkaBrokers, schemaRegistryUrl, postgres, access } = this.stack;
    const { logins } = access;
    const system = {
      KAFKA_BROKERS: kafkaBrokers,
      ...kafkaLoginEnv(logins, this.service),
      SCHEMA_REGISTRY_URL: schemaRegistryUrl,
      DATABASE_URL: databaseUrlAs(this.service, postgres.running.url, logins),
    };
    return runGuarded(
      process.execPath,
      [join(repository, 'ops', 'src', 'orderflow.ts'), 'recover', this.service, '--yes'],
      { cwd: repository, env: { ...process.env, ...system, TOPIC_PREFIX: '', DATABASE_PREFIX: '' } },
    );
  }

  private get copy(): string {
    return `${this.service}_snapshot`;
  }

  /** Repeats work on the database server until it succeeds: other faults go on meanwhile. */
  private async untilDone<T>(work: (serverUrl: string) => Promise<T>): Promise<T> {
    const done = async () => ({ result: await work(this.stack.postgres.running.url) });
    return (await eventually(done, TIMEOUT_MS, POLL_MS)).result;
  }
}
