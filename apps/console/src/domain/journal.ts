import type { Held } from './breaks.js';
import type { Event } from '@orderflow/contracts';
import type { CancelReason } from '@orderflow/order-view';
import type { Head } from './head.js';
import type { Term } from './terms.js';
import type { ParkedOrders, TroubledOrders } from './troubles.js';

/** A record of the journal. `event` is undefined for a record that is no event; `why` says the reason. */
export interface Recorded {
  readonly position: string;
  readonly subject: string;
  readonly type: string;
  readonly event: Event | undefined;
  readonly why: string | undefined;
  readonly appendedAt: Date;
  readonly recordedAt: Date;
  /** Without prefix. */
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly traceId: string | undefined;
  readonly value: Buffer | null;
  /** The relay sent it again: the order had it already. */
  readonly repeats: boolean;
}

export interface ListedHead {
  readonly orderId: string;
  readonly head: Head;
}

/** Position in the list of orders, which is sorted by `placedAt`, the newest first. */
export interface ListCursor {
  readonly placedAt: Date;
  readonly orderId: string;
}

export interface ListFilter {
  readonly status?: 'placed' | 'confirmed' | 'cancelled';
  readonly settled?: boolean;
  /** Cancelled orders with this reason. */
  readonly reason?: CancelReason;
  /** Orders that are late, or are among these. */
  readonly trouble?: TroubledOrders;
  readonly customerId?: string;
  /** Orders with a line of this product. */
  readonly sku?: string;
  /** Orders that were placed up to then, by how they stood at that instant. */
  readonly at?: Date;
  readonly after?: ListCursor;
}

export interface Counts {
  readonly all: number;
  readonly underWay: number;
  readonly confirmed: number;
  readonly cancelled: number;
}

/** The orders that are counted as troubled; with an instant those that were late then. */
export interface TroubleQuestion extends ParkedOrders {
  readonly overdueSince: Date | undefined;
  readonly at: Date | undefined;
}

export interface TroubleCounts {
  readonly any: number;
  readonly overdue: number;
  readonly parked: number;
  readonly dead: number;
}

export interface Place {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
}

/** An order that has a term. */
export interface FoundOrder {
  readonly kind: Term['kind'];
  readonly orderId: string;
}

/** The token by which a controller gets its journal: http/ and adapters/ do not import each other. */
export const Journal = Symbol('Journal');
export interface Journal {
  /** All methods: @throws TransientError when the database, or the registry for a new schema, does not answer */
  recordsOf(subject: string): Promise<Recorded[]>;
  /** The records of several orders, by order. */
  recordsOfEach(subjects: readonly string[]): Promise<ReadonlyMap<string, readonly Recorded[]>>;
  byEventId(eventId: string): Promise<Recorded | undefined>;
  byPlace(place: Place): Promise<Recorded | undefined>;
  heads(orderIds: readonly string[]): Promise<ListedHead[]>;
  /** The first `count` orders after the cursor. */
  list(filter: ListFilter, count: number): Promise<ListedHead[]>;
  /** Each at most `most`. */
  counts(at: Date | undefined, most: number): Promise<Counts>;
  /** Late orders are counted up to `most`. */
  countTroubled(question: TroubleQuestion, most: number): Promise<TroubleCounts>;
  /** The orders that were under way at an instant; those that were placed more than an hour before it are left out. */
  heldAt(instant: Date): Promise<Held>;
  /** The newest orders of each term, at most `count` of each, in the order of the terms. */
  ordersBy(terms: readonly Term[], count: number): Promise<FoundOrder[]>;
  /**
   * Calls the listener whenever this process has written rows; those of another member of the group are seen by `end` alone.
   * @returns a function that ends it
   */
  onWritten(listener: () => void): () => void;
  /** Position of the last row; `0` for an empty journal. */
  end(): Promise<string>;
  /** The orders with rows after `from` and up to `to`. */
  changedBetween(from: string, to: string): Promise<string[]>;
  /** From when on it has everything: when its oldest record was appended, or up to when orders were pruned. */
  since(): Promise<Date | undefined>;
  /**
   * Up to when the journal has read the topics, by the broker's clock; where everything is read, the instant of the question.
   */
  through(): Promise<Date>;
}
