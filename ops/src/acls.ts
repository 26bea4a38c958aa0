/** `orderflow acls`: prints what each program may do at Kafka, and makes the brokers' access control list that. */
import { parseArgs } from 'node:util';
import { type KafkaAcl, kafkaRights } from '@orderflow/contracts';
import type { AppliedAcls } from '@orderflow/kafka';
import { allowPrograms, allowRegistry, kafkaSecurityAs, SetupError } from '@orderflow/local';
import { rightsTable } from './acls/rights-table.ts';
import { findRunning } from './demo/running-system.ts';

export const usage = `Usage: orderflow acls [--apply [--registry]]

Prints, as a Markdown table, what each program may do at Kafka. The table is derived from the saga; everything else is denied.

  --apply                    makes the access control list of the brokers that: adds what is missing, takes from these
                             programs what they have beside it, and prints each change. Other users, and the systems
                             with other prefixes, keep theirs
  --registry                 also lets the user \`registry\` use the topics in which an Apicurio Registry keeps its schemas

Without KAFKA_BROKERS it uses the system that \`npm start\` keeps up. Otherwise these variables name the system:
  KAFKA_BROKERS              host:port of the brokers, separated by commas
  TOPIC_PREFIX               the prefix of every topic and group
  KAFKA_SASL_USERNAME, ...   a user that may alter the list (.env.example has all of them)`;

export async function main(args: readonly string[]): Promise<number> {
  const no = { type: 'boolean', default: false } as const;
  const { apply, registry } = parseArgs({ args: [...args], options: { apply: no, registry: no } }).values;
  if (!apply) {
    for (const line of rightsTable(kafkaRights)) console.log(line);
    return 0;
  }
  const { KAFKA_BROKERS, TOPIC_PREFIX = '' } = process.env;
  const running = KAFKA_BROKERS ? undefined : findRunning();
  const brokers = KAFKA_BROKERS || running?.kafkaBrokers;
  if (!brokers)
    throw new SetupError('KAFKA_BROKERS is not set, and no system is running here: start one with "npm start".');
  const security = await kafkaSecurityAs('admin', running?.logins);
  const changes = await allowPrograms(brokers, running?.topicPrefix ?? TOPIC_PREFIX, security);
  for (const line of linesOf(changes)) console.log(line);
  if (registry) for (const line of linesOf(await allowRegistry(brokers, security))) console.log(line);
  if (changes.left.length > 0) {
    console.log('Remove these by kafka-acls.sh: they are newer than the driver that this command works with.');
    return 1;
  }
  console.log('Each program may do what the saga asks of it, and nothing else.');
  return 0;
}

const linesOf = ({ missing, superfluous, left }: AppliedAcls): string[] => [
  ...missing.map((acl) => `allowed: ${wordsFor(acl)}`),
  ...superfluous.map((acl) => `taken away: ${wordsFor(acl)}`),
  ...left.map((acl) => `still allowed: ${wordsFor(acl)}`),
];

const wordsFor = ({ principal, operation, resource, match, name }: KafkaAcl): string =>
  `${principal} ${operation} ${resource} ${name}${match === 'prefixed' ? '*' : ''}`;
