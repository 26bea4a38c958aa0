import type { NewProduct, ServiceName } from '@orderflow/client';
import type { Service } from '@orderflow/contracts';

/** A system that the generator loads: ours, or another one that sells the same. */
export interface Contender {
  readonly name: string;
  /** What it does not guarantee: stands beside its figures. */
  readonly lacks: readonly string[];
  /** Starts it on empty databases and topics. @param run its own name among the runs of this stack: letters and digits */
  readonly start: (run: string) => Promise<MeasuredSystem>;
}

/** Queries that answer in the columns that the checks read. */
export interface Books {
  /** At orders, a row for each order: "orderId", status, settled, "totalMinor", "decidedAt" and "settledAt" (ms since 1970, or null). */
  readonly orders: string;
  /** At orders, one row: settled, the number of settled orders. */
  readonly settled: string;
  /** At inventory, a row for each product: sku, "onHand" (units that are not sold), reserved. */
  readonly stock: string;
  /** At each of the four services, one row: unsent, the events that are not published yet. None without an outbox. */
  readonly unsent?: string;
}

/** Transactions of a service, and the messages or requests in them. */
export interface Batches {
  readonly count: number;
  readonly messages: number;
}

/** What the audit of a system found. */
export interface Audit {
  /** Also where a system has no audit: the checks of every system judge it. */
  readonly ok: boolean;
  /** `passes`, `has none`, or the broken rules. */
  readonly words: string;
}

/** A system that is running. */
export interface MeasuredSystem {
  readonly ordersUrl: string;
  /** Of the server, without a database. */
  readonly databaseUrl: string;
  /** Of the names of its databases. */
  readonly databasePrefix: string;
  readonly topicPrefix: string;
  readonly books: Books;
  /** Those that run in a process of their own; `orders` takes the orders. */
  readonly services: readonly Service[];
  /** The name of the database that has the tables of a service. */
  databaseOf(name: ServiceName): string;
  /** Process ids of its services and of the sandbox, which charges and receives the mails of every system. */
  pids(): Readonly<Record<string, number>>;
  /** @param name one of `services` */
  service(name: Service): { kill(signal: NodeJS.Signals): Promise<void>; start(): Promise<void> };
  /** Puts products on sale with so many units of each; returns once they can be ordered. */
  open(products: readonly NewProduct[], units: number): Promise<void>;
  /** Batches so far, by consumer group; empty where each message has a transaction of its own. */
  batches(): Promise<Readonly<Record<string, Batches>>>;
  /** The system's own proof, once it is at rest. */
  audit(): Promise<Audit>;
  /** Stops it and drops its databases: else their tables would be vacuumed while the next system is measured. */
  stop(): Promise<void>;
}
