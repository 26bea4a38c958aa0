import { randomUUID } from 'node:crypto';
import { ask } from './ask.js';

interface OnSale {
  readonly sku: string;
  readonly name: string;
  readonly priceMinor: number;
  readonly currency: string;
}

/**
 * Puts a product on sale, and delivers it where fewer units are available than `least`.
 * @param inventoryUrl without a trailing slash @param token of the one who sells it
 * @param delivered units of the delivery; as many as are missing when left out
 * @throws Problem, ServiceUnavailable as {@link ask}
 */
export async function stockUp(
  inventoryUrl: string,
  { sku, ...product }: OnSale,
  least: number,
  token: string | undefined,
  delivered?: number,
): Promise<void> {
  const url = `${inventoryUrl}/products/${encodeURIComponent(sku)}`;
  const { available } = await ask<{ available: number }>(url, 'PUT', { json: product, token });
  if (available >= least) return;
  const quantity = delivered ?? least - available;
  await ask(`${url}/deliveries`, 'POST', { json: { deliveryId: randomUUID(), quantity }, token });
}
