import type { Stock } from './inventory.js';

/** Products as they are committed. */
export abstract class ProductReader {
  abstract find(sku: string): Promise<Stock | undefined>;
  /** In the order of their SKUs. @param after the SKU to begin behind @param limit how many at most */
  abstract list(after: string | undefined, limit: number): Promise<Stock[]>;
}
