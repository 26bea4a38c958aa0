const MOST_OF_AN_INT = 2_147_483_647;

/** A price as events hold it. */
export interface WrittenPrice {
  /** An int of Avro: the price, or the largest int. */
  readonly int: number;
  /** The price where it is above the largest int. */
  readonly large: number | null;
}

/**
 * A price as events hold it. The first release of their schemas had an int, and a released field cannot become a long
 * (FULL_TRANSITIVE), so a larger price has a second field.
 */
export const writtenPrice = (priceMinor: number): WrittenPrice =>
  priceMinor <= MOST_OF_AN_INT ? { int: priceMinor, large: null } : { int: MOST_OF_AN_INT, large: priceMinor };
