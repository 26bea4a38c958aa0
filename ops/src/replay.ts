/** `orderflow replay`: sets a consumer group back, so that its service consumes its events again. */
import { parseArgs } from 'node:util';
import { type Service, services as SERVICES } from '@orderflow/contracts';
import { connected, databaseUrlAs, databaseUrlOf, kafkaSecurityAs, SetupError } from '@orderflow/local';
import { type ReplayPlan, Replays } from '@orderflow/kafka';
import { findRunning, type RunningSystem } from './demo/running-system.ts';
import { tableOf } from './demo/table.ts';

/** The service of each consumer group. */
const services: Readonly<Record<string, Service>> = {
  ...Object.fromEntries(SERVICES.map((service) => [service, service])),
  'orders.views': 'orders',
};

export const usage = `Usage: orderflow replay --group GROUP --from POSITION [--yes]

Sets a consumer group back to an earlier position. Without --yes it is a dry run: it prints the plan and changes nothing.

  --group GROUP    ${Object.keys(services).join(', ')}
  --from POSITION  earliest, or a time with its zone, such as 2026-11-21T12:00:00Z
  --yes            set the group back; only a group without members can be set back, so stop its service first

Without KAFKA_BROKERS it uses the system that \`npm start\` keeps up. Otherwise these variables name the system:
  KAFKA_BROKERS    host:port of the brokers, separated by commas
  TOPIC_PREFIX     the prefix of every topic and group
  DATABASE_URL     the database server, without a database name: a service begins where its own database says
  DATABASE_PREFIX  the prefix of every database name`;

interface ReplayRequest {
  group: string;
  from: string;
  since: 'earliest' | Date;
  yes: boolean;
}

function readRequest(args: readonly string[]): ReplayRequest {
  const options = {
    group: { type: 'string' },
    from: { type: 'string' },
    yes: { type: 'boolean', default: false },
  } as const;
  const { group = '', from = '', yes } = parseArgs({ args: [...args], options }).values;
  const hint = 'See orderflow replay --help.';
  if (!Object.hasOwn(services, group))
    throw new SetupError(`--group is one of ${Object.keys(services).join(', ')}. ${hint}`);
  if (from === 'earliest') return { group, from, since: from, yes };
  const since = new Date(from);
  // Without a zone the same text is another moment on another machine.
  if (!/^\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:\d\d)$/.test(from) || Number.isNaN(since.getTime()))
    throw new SetupError(`--from is "earliest" or a time with its zone, such as 2026-11-21T12:00:00Z. ${hint}`);
  return { group, from, since, yes };
}

function printPlan({ groupId, partitions }: ReplayPlan): void {
  const rows = partitions.map(({ topic, partition, from, to }) => [
    topic,
    String(partition),
    from,
    to,
    String(BigInt(from) - BigInt(to)),
  ]);
  const records = rows.reduce((sum, row) => sum + BigInt(row[4]!), 0n);
  console.log(tableOf([['topic', 'partition', 'position', 'new position', 'records'], ...rows]));
  console.log(`\n${groupId}: ${records} records to consume again, at most (a compacted topic holds fewer).`);
}

/** The commands that stop the service, set its group back and start it again, for the system at hand. */
function stepsFor({ group, from }: ReplayRequest, { members }: ReplayPlan, running: RunningSystem | undefined): string {
  const service = services[group]!;
  const environment = ['KAFKA_BROKERS', 'TOPIC_PREFIX', 'DATABASE_PREFIX'].flatMap((name) =>
    process.env[name] ? [`${name}=${process.env[name]} `] : [],
  );
  const again = `  ${environment.join('')}npx orderflow replay --group ${group} --from ${from} --yes`;
  const steps =
    running === undefined
      ? [
          `  stop every instance of ${service}  (docker compose stop ${service})`,
          again,
          `  start ${service} again  (docker compose start ${service})`,
        ]
      : [`  kill ${running.pids[service]}`, again, `  kill -USR2 ${running.pid}`];
  return [
    `The group has ${members} ${members === 1 ? 'member' : 'members'}; only a group without members can be set back.`,
    'A service that was killed stays a member for a few seconds. Stop the service, set the group back, start the service:',
    ...steps,
  ].join('\n');
}

/** After the broker: the service begins where its database says. Never forwards, where the database was behind the broker. */
async function rewindDatabase(url: string, group: string, { partitions }: ReplayPlan): Promise<void> {
  const values = [group, ...(['topic', 'partition', 'to'] as const).map((name) => partitions.map((it) => it[name]))];
  await connected(url, async (client) =>
    client.query(
      `UPDATE consumed_offsets AS stored SET next_offset = back.next, appended_at = NULL
       FROM unnest($2::text[], $3::int[], $4::bigint[]) AS back (topic, partition, next)
       WHERE consumer = $1 AND stored.topic = back.topic AND stored.partition = back.partition AND next_offset > back.next`,
      values,
    ),
  );
}

export async function main(args: readonly string[]): Promise<number> {
  const request = readRequest(args);
  const { KAFKA_BROKERS, TOPIC_PREFIX = '', DATABASE_URL, DATABASE_PREFIX = '' } = process.env;
  const running = KAFKA_BROKERS ? undefined : findRunning();
  const brokers = KAFKA_BROKERS || running?.kafkaBrokers;
  if (!brokers)
    throw new SetupError('KAFKA_BROKERS is not set, and no system is running here: start one with "npm start".');
  const server = running?.databaseUrl ?? DATABASE_URL;
  if (!server) throw new SetupError('DATABASE_URL is missing: set it to postgres://user:password@host:port.');
  const replays = new Replays(brokers.split(','), await kafkaSecurityAs('ops', running?.logins));
  const plan = await replays.plan((running?.topicPrefix ?? TOPIC_PREFIX) + request.group, request.since);
  printPlan(plan);
  if (plan.members > 0) console.log(stepsFor(request, plan, running));
  if (!request.yes) {
    console.log('Nothing was changed (dry run): --yes sets the group back.');
    return 0;
  }
  if (plan.members > 0) throw new SetupError('Nothing was changed.');
  await replays.rewind(plan);
  const database = (running?.databasePrefix ?? DATABASE_PREFIX) + services[request.group]!;
  const url = databaseUrlAs(services[request.group]!, databaseUrlOf(server, database), running?.logins);
  await rewindDatabase(url, request.group, plan);
  console.log('Done: the service consumes these records again once it is started.');
  return 0;
}
