/**
 * Lets a service hear again what it has heard:  npm run replay -- --group inventory --from earliest [--yes]
 *   --from    earliest, or a time such as 2026-11-21T12:00:00Z
 *   --yes     does it; without it the program only says what it would do
 * KAFKA_BROKERS names the brokers and TOPIC_PREFIX stands before every name; without them the system that `npm start` keeps up
 * is meant. Only a group without members can be set back, so its service is stopped first: the program says how.
 */
import { parseArgs } from 'node:util';
import { reasonOf, SetupError } from '@orderflow/local';
import { type ReplayPlan, Replays } from '@orderflow/kafka';
import { findRunning, type RunningSystem } from './demo/running-system.ts';
import { tableOf } from './demo/table.ts';

/** Each with the service whose members are in it. */
const services: Readonly<Record<string, keyof RunningSystem['urls']>> = {
  orders: 'orders',
  'orders.views': 'orders',
  inventory: 'inventory',
  payments: 'payments',
  notifications: 'notifications',
};

const usage = 'npm run replay -- --group inventory --from earliest [--yes]';

interface Request {
  group: string;
  since: 'earliest' | Date;
  yes: boolean;
}

function readRequest(): Request {
  const options = {
    group: { type: 'string' },
    from: { type: 'string' },
    yes: { type: 'boolean', default: false },
  } as const;
  const { group = '', from = '', yes } = parseArgs({ options }).values;
  if (!(group in services)) throw new SetupError(`--group is one of ${Object.keys(services).join(', ')}: ${usage}`);
  if (from === 'earliest') return { group, since: from, yes };
  const since = new Date(from);
  // Without a zone it would mean another moment on another machine.
  if (!/^\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:\d\d)$/.test(from) || Number.isNaN(since.getTime()))
    throw new SetupError(`--from is "earliest" or a time with its zone, such as 2026-11-21T12:00:00Z: ${usage}`);
  return { group, since, yes };
}

function show({ groupId, partitions }: ReplayPlan): void {
  const rows = partitions.map(({ topic, partition, from, to }) => [
    topic,
    String(partition),
    from,
    to,
    String(BigInt(from) - BigInt(to)),
  ]);
  const records = rows.reduce((sum, row) => sum + BigInt(row[4]!), 0n);
  console.log(tableOf([['topic', 'partition', 'is at', 'goes to', 'records'], ...rows]));
  console.log(`\n${groupId}: ${records} records to hear again, at most (a compacted topic holds fewer).`);
}

function howToStop({ group }: Request, { members }: ReplayPlan, running: RunningSystem | undefined): string {
  const service = services[group]!;
  const asked = process.argv.slice(2).filter((argument) => argument !== '--yes');
  // Where it is said by the environment, the same must be said again.
  const where = ['KAFKA_BROKERS', 'TOPIC_PREFIX'].flatMap((name) =>
    process.env[name] ? [`${name}=${process.env[name]} `] : [],
  );
  const again = `  ${where.join('')}npm run replay -- ${asked.join(' ')} --yes`;
  const steps =
    running === undefined
      ? [
          `  stop every member of ${service}  (docker compose stop ${service})`,
          again,
          `  start ${service} again  (docker compose start ${service})`,
        ]
      : [`  kill ${running.pids[service]}`, again, `  kill -USR2 ${running.pid}`];
  return [
    `It has ${members} ${members === 1 ? 'member' : 'members'}, and only a group without members can be set back (one that was killed`,
    `hard counts for a few seconds more). Stop the service, set it back, and start it again:`,
    ...steps,
  ].join('\n');
}

async function replay(request: Request): Promise<void> {
  const { KAFKA_BROKERS, TOPIC_PREFIX = '' } = process.env;
  const running = KAFKA_BROKERS ? undefined : findRunning();
  const brokers = KAFKA_BROKERS || running?.kafkaBrokers;
  if (!brokers) throw new SetupError('Set KAFKA_BROKERS, or start a system here with "npm start" first.');
  const replays = new Replays(brokers.split(','));
  const plan = await replays.plan((running?.topicPrefix ?? TOPIC_PREFIX) + request.group, request.since);
  show(plan);
  if (plan.members > 0) console.log(howToStop(request, plan, running));
  if (!request.yes) return console.log('Nothing was changed: --yes does it.');
  if (plan.members > 0) throw new SetupError('Nothing was changed.');
  await replays.rewind(plan);
  console.log('Done: the service hears them again when it starts.');
}

try {
  await replay(readRequest());
} catch (error) {
  console.error(reasonOf(error));
  process.exitCode = 1;
}
