import { consumerGroups, topicsOf } from './consumer-groups.js';
import { type EventType, type Service, services } from './events.js';
import { orderSaga } from './order-saga.js';
import { deadLettersOf, type Topic, topics } from './topics.js';

/** A program that logs in at Kafka, under its own name. `ops` is the operator's commands. */
export type Principal = Service | 'console' | 'ops';

type Operation = 'read' | 'write' | 'delete' | 'describe' | 'describe_configs';

/** What a principal may do with some topics or groups. Everything else is denied. */
export interface KafkaRight {
  readonly principal: Principal;
  readonly operation: Operation;
  readonly resource: 'topic' | 'group';
  /** `prefixed`: also every name that begins with one of these. */
  readonly match: 'literal' | 'prefixed';
  readonly names: readonly string[];
}

/** One entry of an access control list, in Kafka's words, in lower case. */
export interface KafkaAcl {
  /** Without Kafka's `User:`. */
  readonly principal: string;
  readonly operation: string;
  readonly resource: string;
  readonly match: string;
  readonly name: string;
}

const publishedBy = (service: Service): readonly EventType[] =>
  orderSaga.filter(({ at }) => at === service).flatMap(({ publishes }): readonly EventType[] => publishes);

const groupsOf = (program: Service | 'console') => consumerGroups.filter((it) => it.program === program);

const once = <T>(values: readonly T[]): readonly T[] => [...new Set(values)];

function ofService(service: Service): Omit<KafkaRight, 'principal'>[] {
  const published = topicsOf(publishedBy(service));
  const written: readonly Topic[] = [...published, deadLettersOf(service)];
  // What it has published too: `recover` and `republish` compare that with its database.
  const read = once([...groupsOf(service).flatMap((it) => it.topics), ...published]);
  return [
    { operation: 'write', resource: 'topic', match: 'literal', names: written },
    { operation: 'read', resource: 'topic', match: 'literal', names: read },
    // It does not start on a topic whose settings break its promises.
    { operation: 'describe_configs', resource: 'topic', match: 'literal', names: once([...read, ...written]) },
    { operation: 'read', resource: 'group', match: 'literal', names: groupsOf(service).map(({ group }) => group) },
    ...readers(service),
  ];
}

/** The groups in which a program reads a log once, and which it deletes after it. */
const readers = (client: string): Omit<KafkaRight, 'principal'>[] =>
  (['read', 'delete'] as const).map((operation) => ({
    operation,
    resource: 'group',
    match: 'prefixed',
    names: [`${client}.reader-`],
  }));

const everyTopic = Object.keys(topics);
const readsEveryTopic = (['read', 'describe_configs'] as const).map((operation) => ({
  operation,
  resource: 'topic' as const,
  match: 'literal' as const,
  names: everyTopic,
}));

/** It shows the lag of every group, and belongs to its own. */
const ofConsole: Omit<KafkaRight, 'principal'>[] = [
  ...readsEveryTopic,
  { operation: 'read', resource: 'group', match: 'literal', names: groupsOf('console').map(({ group }) => group) },
  { operation: 'describe', resource: 'group', match: 'literal', names: consumerGroups.map(({ group }) => group) },
  // For a rebuild of the journal.
  ...readers('console'),
];

/** The demo's timeline, the audit, and `replay`, which sets a group back. It publishes nothing. */
const ofOps: Omit<KafkaRight, 'principal'>[] = [
  ...readsEveryTopic,
  {
    operation: 'read',
    resource: 'group',
    match: 'literal',
    names: [...consumerGroups.map(({ group }) => group), 'timeline'],
  },
  ...readers('audit'),
];

/** What each program may do at Kafka: derived from the saga, and nothing beyond it. */
export const kafkaRights: readonly KafkaRight[] = [
  ...services.flatMap((service) => ofService(service).map((right) => ({ principal: service, ...right }))),
  ...ofConsole.map((right) => ({ principal: 'console' as const, ...right })),
  ...ofOps.map((right) => ({ principal: 'ops' as const, ...right })),
];

/**
 * The rights as entries of a broker.
 * @param prefix of every topic, and of every group that outlives its program: a reader's name is its own
 */
export const aclsOf = (rights: readonly KafkaRight[], prefix: string): KafkaAcl[] =>
  rights.flatMap(({ names, ...right }) =>
    names.map((name) => ({ ...right, name: right.match === 'prefixed' ? name : prefix + name })),
  );

/** How the entries at a broker become the wanted ones. */
export interface AclChanges {
  readonly missing: readonly KafkaAcl[];
  readonly superfluous: readonly KafkaAcl[];
}

const keyOf = ({ principal, operation, resource, match, name }: KafkaAcl) =>
  JSON.stringify([principal, operation, resource, match, name]);

const firstWordOf = (name: string): string => name.split('.', 1)[0]!;

/** The words with which the names of a system begin, behind its prefix. */
const firstWords = once(kafkaRights.flatMap(({ names }) => names.map(firstWordOf)));

/** Whether an entry reaches into the system with this prefix. Several systems can share a broker. */
function isAbout({ resource, match, name }: KafkaAcl, prefix: string): boolean {
  if (!['topic', 'group'].includes(resource) || name === '*') return true;
  // Not every name with the prefix: that of another system may be longer, and begin with this one.
  if (name.startsWith(prefix) && firstWords.includes(firstWordOf(name.slice(prefix.length)))) return true;
  // A shorter name of this kind covers names of the system.
  return match === 'prefixed' && firstWords.some((word) => (prefix + word).startsWith(name));
}

/**
 * @param found every entry at the broker. Those of principals that are not in `wanted`, and of other systems, stay
 * @param prefix of this system; empty for a system without one
 */
export function aclChanges(wanted: readonly KafkaAcl[], found: readonly KafkaAcl[], prefix: string): AclChanges {
  const [want, have] = [wanted, found].map((acls) => new Set(acls.map(keyOf))) as [Set<string>, Set<string>];
  const ours = new Set(wanted.map(({ principal }) => principal));
  return {
    missing: wanted.filter((acl) => !have.has(keyOf(acl))),
    superfluous: found.filter((acl) => ours.has(acl.principal) && isAbout(acl, prefix) && !want.has(keyOf(acl))),
  };
}
