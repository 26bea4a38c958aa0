import { services } from '@orderflow/contracts';
import type { TemporaryStack } from '@orderflow/local';
import type { Books, Contender } from './measured-system.ts';
import { type Peer, peerBooks, startPeer } from './peer-system.ts';

const books: Books = {
  ...peerBooks,
  stock: 'SELECT sku, available + reserved AS "onHand", reserved FROM stock',
};
const UNSENT = 'SELECT count(*)::int AS unsent FROM outbox WHERE published_at IS NULL';

const peerWith = (publishing: 'outbox' | 'after-write'): Peer => ({
  package: 'nestjs',
  migrations: 'prisma/migrations',
  services,
  books: publishing === 'outbox' ? { ...books, unsent: UNSENT } : books,
  env: (name, { infrastructure, topicPrefix }) => ({
    SERVICE: name,
    KAFKA_BROKERS: infrastructure.kafkaBrokers,
    TOPIC_PREFIX: topicPrefix,
    PUBLISHING: publishing,
  }),
});

const COMMON_LACKS = [
  'a mail is sent twice when the process ends between sending and recording it',
  'a message that cannot be processed blocks its partition',
  'no deadline: an order without an answer stays open',
  'no parking, no audit, no schemas, no validation, no traces, no metrics',
];

/** Its saga with an outbox that is polled each second: bench/peers/nestjs. */
export const idiomatic = (stack: TemporaryStack): Contender => ({
  name: 'idiomatic',
  lacks: ['an event is published twice when the process ends before it is marked as published', ...COMMON_LACKS],
  start: (run) => startPeer(stack, peerWith('outbox'), run),
});

/** The same saga without an outbox. */
export const unsafe = (stack: TemporaryStack): Contender => ({
  name: 'unsafe',
  lacks: ['an event is lost when the process ends between the commit and the publishing', ...COMMON_LACKS],
  start: (run) => startPeer(stack, peerWith('after-write'), run),
});
