import type { Service } from '@orderflow/contracts';
import { rulesAbout } from './rule.ts';

/** How a payment token is stored; null without one. Left out by a witness that does not look at tokens. */
export type StoredToken = 'clear' | 'encrypted' | null;

/** The recorded events of an order, summed up. */
export interface HistoryFacts {
  readonly events: number;
  readonly firstVersion: number;
  readonly lastVersion: number;
  readonly lastType: string;
  /** Of the cancellation. */
  readonly reason: string | null;
  /** Total of `OrderPlaced` in minor units; null without that event. */
  readonly placedMinor: number | null;
  readonly ageSeconds: number;
  /** Of `OrderPlaced`. */
  readonly token?: StoredToken;
}

export interface SnapshotFacts {
  readonly status: 'placed' | 'confirmed' | 'cancelled';
  readonly version: number;
  readonly cancelReason: string | null;
  readonly totalMinor: number;
  /** ISO 4217 */
  readonly currency: string;
}

export interface ViewFacts {
  readonly settled: boolean;
  readonly status: string | null;
  readonly cancelReason: string | null;
  readonly stock: string;
  readonly payment: string;
  /** The last event of each source that the view has applied. */
  readonly sequences: Readonly<Record<Service, number>>;
}

/** The state of a service for one order; `sequence` counts the events it published. A row made only to be locked has 0. */
export interface ReservationFacts {
  readonly status: string;
  readonly sequence: number;
}

export interface PaymentFacts extends ReservationFacts {
  readonly amountMinor: number;
  readonly currency: string | null;
  readonly token?: StoredToken;
}

export interface NoticeFacts {
  readonly sequence: number;
  /** By template. */
  readonly mails: Readonly<Record<string, { readonly status: string } | undefined>>;
}

/** The provider's ledger of one order. */
export interface ChargeFacts {
  readonly captures: number;
  /** Captured − refunded. */
  readonly keptMinor: number;
  /** Several are joined into one text; null without a capture. */
  readonly currency: string | null;
}

/** All that is known of one order. A witness that knows nothing of it is left out. */
export interface OrderFacts {
  readonly orderId: string;
  /** An order that is older must be settled. */
  readonly lateAfterSeconds: number;
  readonly history?: HistoryFacts;
  readonly snapshot?: SnapshotFacts;
  readonly view?: ViewFacts;
  readonly reservation?: ReservationFacts;
  readonly payment?: PaymentFacts;
  readonly notices?: NoticeFacts;
  readonly charges?: ChargeFacts;
  /** Mails with different Message-IDs that arrived, by template. */
  readonly mailbox?: Readonly<Record<string, number>>;
  /** How often its mails arrived again, with the same Message-ID. */
  readonly mailCopies?: number;
  /** Services with an external call left to make. */
  readonly calls: readonly Service[];
  /** Its mails that the recipient's side has put off. */
  readonly deferredMails?: number;
}

/** The snapshot of an order that was placed and is settled: nothing of it may change any more. */
export const settledOf = ({ history, snapshot, view }: OrderFacts): SnapshotFacts | undefined =>
  history !== undefined && view?.settled === true ? snapshot : undefined;

export const orderRule = rulesAbout<OrderFacts>(({ orderId }) => orderId);
