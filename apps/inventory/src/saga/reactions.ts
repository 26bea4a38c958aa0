import type { ReactionsOf } from '@orderflow/contracts';
import type { InventoryCommand } from '../domain/inventory.js';

/** What inventory does when it hears an event. */
export const reactions = {
  OrderPlaced: ({ subject, data }) => ({
    type: 'ReserveStock',
    orderId: subject,
    lines: data.lines.map(({ sku, quantity }) => ({ sku, quantity })),
  }),
  OrderConfirmed: ({ subject }) => ({ type: 'CommitStock', orderId: subject }),
  OrderCancelled: ({ subject }) => ({ type: 'ReleaseStock', orderId: subject }),
} satisfies ReactionsOf<'inventory', InventoryCommand>;
