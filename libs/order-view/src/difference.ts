import { isSettled, type OrderView } from './order-view.js';

/** One field of an order that differs between two views of it; null where it has no value. */
export interface Change {
  readonly field: 'status' | 'cancelReason' | 'stock' | 'payment' | 'settled' | 'mails';
  readonly from: string | number | boolean | null;
  readonly to: string | number | boolean | null;
}

const fieldsOf = (view: OrderView) => ({
  status: view.status ?? null,
  cancelReason: view.cancelReason ?? null,
  stock: view.stock,
  payment: view.payment,
  mails: view.sequences.notifications,
  settled: isSettled(view),
});

/** The fields of an order that differ between two of its views. */
export function changesBetween(from: OrderView, to: OrderView): Change[] {
  const before = fieldsOf(from);
  const after = fieldsOf(to);
  const names = Object.keys(before) as Change['field'][];
  return names.flatMap((field) =>
    before[field] === after[field] ? [] : [{ field, from: before[field], to: after[field] }],
  );
}
