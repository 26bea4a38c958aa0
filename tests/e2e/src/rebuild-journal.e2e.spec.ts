import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, request } from '@orderflow/client';
import { KafkajsBroker } from '@orderflow/kafka';
import {
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
import { RebuiltTable } from './support/rebuilt-table.js';
import { repository } from './support/run-ops.js';
import { sharedInfrastructure } from './support/test-system.js';
import { Traffic } from './support/traffic.js';

const FIRST = 60;
const PATIENCE_MS = 240_000;
const EACH_MS = 5 * PATIENCE_MS;

const shared = sharedInfrastructure();
const id = randomUUID().slice(0, 8);
const system = { infrastructure: shared, topicPrefix: `e2e-${id}.`, databasePrefix: `e2e_${id}_` };
const databaseUrl = databaseUrlOf(shared.databaseUrl, `${system.databasePrefix}console`);
const journal = new RebuiltTable('journal', () => databaseUrl);
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

const idsInJournal = async () => {
  const rows = await journal.query<{ id: string }>('SELECT event_id AS id FROM journal WHERE NOT repeats ORDER BY 1');
  return rows.map((row) => row.id);
};
const idsTold = () =>
  [...publisher.told.values()]
    .flat()
    .map((event) => event.id)
    .toSorted();

/** How many events of each order were read last. */
const heard = new Map<string, number>();
let turn = 0;

const read = async <Body>(path: string): Promise<Body> => {
  const { status, body } = await request<Body>(`http://127.0.0.1:${port}/api${path}`);
  if (status !== 200) throw new Error(`${path} answers ${status}`);
  return body;
};

async function readOne(): Promise<void> {
  const orderId = first[turn++ % first.length]!;
  const { told } = await read<{ told: string[] }>(`/orders/${orderId}`);
  if (told.length < (heard.get(orderId) ?? 0)) throw new Error(`${orderId} goes back`);
  heard.set(orderId, told.length);
}

async function readList(): Promise<void> {
  await read('/orders?limit=20');
}

const traffic = new Traffic(publisher, [readList, readOne]);

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

describe('the journal, rebuilt while events arrive and orders are read', () => {
  it(
    'is mended by orderflow rebuild journal, also after runs that were killed in each phase, and loses no record',
    async () => {
      const [wrong] = await journal.query<{ place: string }>(
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
      await journal.killInSwitch(() => program('rebuild', 'journal', '--yes'), PATIENCE_MS);
      expect(await journal.schemas()).toEqual(['public', 'rebuild']);

      const compared = await orderflow('journal');
      expect(compared).toMatchObject({ code: 0, output: expect.stringContaining(line) });
      expect(compared.output).toContain('Live ones with another content, or without a record: 1. Missing ones: 0.');
      expect(await journal.schemas()).toEqual(['public', 'rebuild']);

      const switched = await orderflow('journal', '--yes');
      expect(switched).toMatchObject({ code: 0, output: expect.stringContaining(line) });
      expect(switched.output).toContain('Switched. The table before is kept as replaced.journal until --drop.');
      expect(await journal.schemas()).toEqual(['public', 'replaced']);
      expect((await orderflow('journal')).output).toContain('or without a record: 0. Missing ones: 0.');

      await traffic.stop();
      await eventually(async () => expect(await idsInJournal()).toEqual(idsTold()), PATIENCE_MS);
      expect(traffic.faults).toEqual([]);
      expect(traffic.reads).toBeGreaterThan(20);
      expect((await orderflow('journal', '--drop', '--yes')).output).toContain('replaced.journal');
      expect(await journal.schemas()).toEqual(['public']);
    },
    EACH_MS,
  );
});
