import type { DomainEvent } from '../events.js';
import type { Tx } from '../prisma.service.js';

/** Runs a transaction, and publishes the events that it returns. */
export abstract class Transactions {
  abstract run(work: (tx: Tx) => Promise<DomainEvent[]>): Promise<void>;
}
