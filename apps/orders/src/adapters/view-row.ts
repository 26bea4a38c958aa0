import {
  type CancelReason,
  isSettled,
  type OrderStatus,
  type OrderView,
  type PaymentStatus,
  type StockStatus,
} from '@orderflow/order-view';
import type { OrderView as ViewRow } from './generated/client.js';

export type { ViewRow };

export const rowOf = (orderId: string, view: OrderView): ViewRow => ({
  orderId,
  customerId: view.customerId ?? null,
  status: view.status ?? null,
  cancelReason: view.cancelReason ?? null,
  stock: view.stock,
  payment: view.payment,
  settled: isSettled(view),
  version: view.sequences.orders,
  inventorySeq: view.sequences.inventory,
  paymentsSeq: view.sequences.payments,
  notificationsSeq: view.sequences.notifications,
  placedAt: view.placedAt ?? null,
  updatedAt: view.updatedAt,
});

export const viewOf = (row: ViewRow): OrderView => ({
  ...(row.customerId !== null && { customerId: row.customerId }),
  ...(row.status !== null && { status: row.status as OrderStatus }),
  ...(row.cancelReason !== null && { cancelReason: row.cancelReason as CancelReason }),
  ...(row.placedAt !== null && { placedAt: row.placedAt }),
  stock: row.stock as StockStatus,
  payment: row.payment as PaymentStatus,
  updatedAt: row.updatedAt,
  sequences: sequencesOf(row),
});

type Sequences = Pick<ViewRow, 'version' | 'inventorySeq' | 'paymentsSeq' | 'notificationsSeq'>;

export const sequencesOf = (row: Sequences): OrderView['sequences'] => ({
  orders: row.version,
  inventory: row.inventorySeq,
  payments: row.paymentsSeq,
  notifications: row.notificationsSeq,
});
