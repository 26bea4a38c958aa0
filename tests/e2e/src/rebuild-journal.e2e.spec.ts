import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, request } from '@orderflow/client';
import { KafkajsBroker } from '@orderflow/kafka';
import {
  connected,
  consoleEnv,
  databaseUrlOf,
  dropDatabase,
  freePort,
  killWhen,
  migrate,
  outcomeOf,
  spawnGuarded,
  stopProcess,
} from '@orderflow/local';
import { Publisher, STORY } from './support/publisher.js';
import { repository } from './support/run-ops.js';
import { sharedInfrastructure } from './support/test-system.js';

const FIRST = 60;
const PATIENCE_MS = 240_000;
const EACH_MS = 5 * PATIENCE_MS;

const shared = sharedInfrastructure();
const id = randomUUID().slice(0, 8);
const system = { infrastructure: shared, topicPrefix: `e2e-${id}.`, databasePrefix: `e2e_${id}_` };
const databaseUrl = databaseUrlOf(shared.databaseUrl, `${system.databasePrefix}console`);
const publisher = new Publisher(shared, () => system.topicPrefix);
let port: number;
let running: ChildProcess;
let first: string[];

const spawn = (command: string, args: readonly string[]): ChildProcess =>
  spawnGuarded(process.execPath, [command, ...args], {
    cwd: repository,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...consoleEnv(system), PORT: String(port), LOG_LEVEL: 'error', OTEL_SDK_DISABLED: 'true' },
  });
const program = (...args: string[]) => spawn(join('apps', 'console', 'dist', 'main.js'), args);

/** As an operator calls it. */
async function orderflow(...args: string[]) {
  const command = spawnGuarded(process.execPath, [join('ops', 'src', 'orderflow.ts'), 'rebuild', ...args], {
    cwd: repository,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      DATABASE_URL: shared.databaseUrl,
      DATABASE_PREFIX: system.databasePrefix,
      TOPIC_PREFIX: system.topicPrefix,
    },
  });
  return outcomeOf(command);
}

const query = async <Row extends object>(sql: string, values: unknown[] = []): Promise<Row[]> =>
  connected(databaseUrl, async (client) => (await client.query<Row>(sql, values)).rows, 60_000);
const idsInJournal = async () => {
  const rows = await query<{ id: string }>('SELECT event_id AS id FROM journal WHERE NOT repeats ORDER BY 1');
  return rows.map((row) => row.id);
};
const idsTold = () =>
  [...publisher.told.values()]
    .flat()
    .map((event) => event.id)
    .toSorted();
const schemas = async () =>
  (
    await query<{ name: string }>(`SELECT schemaname AS name FROM pg_tables WHERE tablename = 'journal' ORDER BY 1`)
  ).map(({ name }) => name);

/** Orders that are told and read all the time, with every read that failed or went back. */
class Traffic {
  readonly faults: string[] = [];
  reads = 0;
  private readonly heard = new Map<string, number>();
  private isOver = false;
  private running: Promise<unknown> = Promise.resolve();

  start(): void {
    this.running = Promise.all([this.tell(), this.read()]);
  }

  async stop(): Promise<void> {
    this.isOver = true;
    await this.running;
  }

  private async tell(): Promise<void> {
    while (!this.isOver) {
      const unfinished = [...publisher.told].filter(([, events]) => events.length < STORY.length).map(([it]) => it);
      await publisher.tellNext([...unfinished, randomUUID(), randomUUID()]);
      await sleep(50);
    }
  }

  private async read(): Promise<void> {
    for (let turn = 0; !this.isOver; turn++) {
      const orderId = first[turn % first.length]!;
      try {
        const list = await request(`http://127.0.0.1:${port}/api/orders?limit=20`);
        const one = await request<{ told: string[] }>(`http://127.0.0.1:${port}/api/orders/${orderId}`);
        this.reads += 2;
        if (list.status !== 200 || one.status !== 200) throw new Error(`answers ${list.status} and ${one.status}`);
        const before = this.heard.get(orderId) ?? 0;
        if (one.body.told.length < before) throw new Error(`${orderId} goes back`);
        this.heard.set(orderId, one.body.told.length);
      } catch (error) {
        this.faults.push(String(error));
      }
    }
  }
}

const traffic = new Traffic();

beforeAll(async () => {
  port = await freePort();
  await migrate({ databaseUrl, folder: join(repository, 'prisma', 'console', 'migrations') });
  const broker = new KafkajsBroker({ brokers: shared.kafkaBrokers.split(','), clientId: 'e2e' });
  await broker.ensureTopics(system.topicPrefix);
  await broker.disconnect();
  await publisher.open();
  running = program();
  running.stdout!.resume();
  running.stderr!.resume();
  const isReady = async () => (await request(`http://127.0.0.1:${port}/health/ready`)).status === 200;
  await eventually(isReady, PATIENCE_MS);
  first = Array.from({ length: FIRST }, () => randomUUID());
  for (const _type of STORY) await publisher.tellNext(first);
  await eventually(async () => isDeepStrictEqual(await idsInJournal(), idsTold()), PATIENCE_MS);
}, 2 * PATIENCE_MS);

afterAll(async () => {
  await traffic.stop();
  await publisher.close();
  await stopProcess(running);
  await dropDatabase(databaseUrl);
}, PATIENCE_MS);

/** Another session holds the live journal, so that everything in the transaction of the switch is done but the renaming. */
async function killedInSwitch(): Promise<void> {
  await connected(databaseUrl, async (reader) => {
    await reader.query('BEGIN');
    await reader.query('LOCK TABLE journal IN ACCESS SHARE MODE');
    const isWaiting = async () => {
      const waiting = await query(
        `SELECT 1 FROM pg_locks WHERE relation = 'journal'::regclass AND mode = 'AccessExclusiveLock' AND NOT granted`,
      );
      return waiting.length > 0;
    };
    await killWhen(program('rebuild', 'journal', '--yes'), isWaiting, PATIENCE_MS);
  });
}

describe('the journal, rebuilt while events arrive and orders are read', () => {
  it(
    'is mended by orderflow rebuild journal, also after runs that were killed in each phase, and loses no record',
    async () => {
      const [wrong] = await query<{ place: string }>(
        `UPDATE journal SET type = 'OrderCancelled' WHERE subject = $1 AND type = 'OrderConfirmed'
         RETURNING concat_ws('/', topic, partition, "offset") AS place`,
        [first[0]],
      );
      const line = `  ${wrong!.place}: type OrderCancelled, rebuilt OrderConfirmed`;
      traffic.start();
      for (const phase of ['fill', 'fold', 'compare'])
        await killWhen(
          program('rebuild', 'journal', '--yes'),
          (progress) => progress.includes(`${phase}: `),
          PATIENCE_MS,
        );
      await killedInSwitch();
      expect(await schemas()).toEqual(['public', 'rebuild']);

      const compared = await orderflow('journal');
      expect(compared).toMatchObject({ code: 0, output: expect.stringContaining(line) });
      expect(compared.output).toContain('Live ones with another content, or without a record: 1. Missing ones: 0.');
      expect(await schemas()).toEqual(['public', 'rebuild']);

      const switched = await orderflow('journal', '--yes');
      expect(switched).toMatchObject({ code: 0, output: expect.stringContaining(line) });
      expect(switched.output).toContain('Switched. The table before is kept as replaced.journal until --drop.');
      expect(await schemas()).toEqual(['public', 'replaced']);
      expect((await orderflow('journal')).output).toContain('or without a record: 0. Missing ones: 0.');

      await traffic.stop();
      await eventually(async () => expect(await idsInJournal()).toEqual(idsTold()), PATIENCE_MS);
      expect(traffic.faults).toEqual([]);
      expect(traffic.reads).toBeGreaterThan(20);
      expect((await orderflow('journal', '--drop', '--yes')).output).toContain('replaced.journal');
      expect(await schemas()).toEqual(['public']);
    },
    EACH_MS,
  );
});
