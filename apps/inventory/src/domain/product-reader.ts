import type { Stock } from './inventory.js';

/** The token by which a controller gets its reader: http/ and adapters/ do not import each other. */
export const ProductReader = Symbol('ProductReader');

export interface ProductReader {
  /** Both methods: @throws TransientError when the database does not answer */
  find(sku: string): Promise<Stock | undefined>;
  /** Products sorted by SKU, at most `limit`. @param after the SKU before the first one */
  list(after: string | undefined, limit: number): Promise<Stock[]>;
}
