import type { TemporaryStack } from '@orderflow/local';
import type { Contender } from './measured-system.ts';
import { type Peer, peerBooks, startPeer } from './peer-system.ts';

const peer: Peer = {
  package: 'dbos',
  migrations: 'migrations',
  services: ['orders'],
  // What is reserved is subtracted, and added again when the order is cancelled.
  books: { ...peerBooks, stock: 'SELECT sku, available AS "onHand", 0 AS reserved FROM stock' },
};

/** A durable workflow for each order, in one process with one database: bench/peers/dbos. */
export const dbos = (stack: TemporaryStack): Contender => ({
  name: 'dbos',
  lacks: [
    'one process with one database: while it is down no order is taken, and inventory cannot be stopped by itself',
    'a mail is sent twice when the process ends between sending and recording it',
    'a step that has failed ten times ends its workflow: the order stays open until an operator resumes it',
    'no deadline: an order without an answer stays open',
    'no events: another service has to be called, or reads this database',
    'no audit, no schemas, no validation, no metrics; traces are off',
  ],
  start: (run) => startPeer(stack, peer, run),
});
