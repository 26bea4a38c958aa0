import { bounds } from '@orderflow/contracts';
import { currencyCode, pageQuery, pageSchema, sku, text } from '@orderflow/http';
import { z } from 'zod';
import { available, type Stock } from '../domain/inventory.js';

export const productRequest = z
  .strictObject({
    name: text(200),
    priceMinor: z.int().min(0).max(bounds.priceMinor).describe('Minor units; 0 is free'),
    currency: currencyCode,
  })
  .meta({ id: 'ProductRequest' });

export const deliveryRequest = z
  .strictObject({
    deliveryId: z.string().regex(/^[A-Za-z0-9._:-]{1,64}$/, 'must be 1 to 64 letters, digits or . _ : -'),
    quantity: z.int().min(1).max(bounds.quantity),
  })
  .meta({ id: 'DeliveryRequest' });

export const productView = z
  .object({
    sku,
    name: z.string(),
    priceMinor: z.int(),
    currency: z.string(),
    onHand: z.int(),
    reserved: z.int().describe('Reserved for open orders; part of onHand'),
    available: z.int().describe('onHand - reserved'),
    committed: z.int().describe('Left the warehouse with confirmed orders'),
  })
  .meta({ id: 'Product' });

export type ProductView = z.infer<typeof productView>;

export const productPage = pageSchema(productView).meta({ id: 'ProductPage' });
export const productQuery = pageQuery.extend({ after: sku.optional() });

export function viewOf(stock: Stock): ProductView {
  const { sku, name, priceMinor, currency, onHand, reserved, committed } = stock;
  return { sku, name, priceMinor, currency, onHand, reserved, available: available(stock), committed };
}
