import type { Stock } from './inventory.js';

/** The token by which a controller gets its reader: http/ and adapters/ do not import each other. */
export const ProductReader = Symbol('ProductReader');

export interface ProductReader {
  find(sku: string): Promise<Stock | undefined>;
  /** In the order of their SKUs. @param after the SKU to begin behind @param limit how many at most */
  list(after: string | undefined, limit: number): Promise<Stock[]>;
}
