import type { JournalSums, Reading } from '@orderflow/console-api';

/** The token by which a controller gets them. */
export const Sums = Symbol('Sums');

/** Figures of the journal alone, over all of its orders. */
export interface Sums {
  /** However many pages ask, they are counted at most once in ten seconds. Never rejects. */
  read(): Promise<Reading<JournalSums>>;
}
