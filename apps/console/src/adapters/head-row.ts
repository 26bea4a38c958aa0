import { type EventType, type Service, services } from '@orderflow/contracts';
import { type CancelReason, isSettled, type OrderStatus, type OrderView } from '@orderflow/order-view';
import { type Head, waitsFor } from '../domain/head.js';

/** A row of `heads`, by the names that the queries give its columns. */
export interface HeadRow {
  readonly orderId: string;
  readonly status: OrderStatus | null;
  readonly cancelReason: CancelReason | null;
  readonly stock: OrderView['stock'];
  readonly payment: OrderView['payment'];
  readonly settled: boolean;
  readonly waitsFor: Service | null;
  readonly customerId: string | null;
  /** A number, or the digits in which pg returns a bigint. */
  readonly totalMinor: number | string | null;
  readonly currency: string | null;
  readonly lineCount: number | null;
  readonly capturedMinor: number | string | null;
  readonly refundedMinor: number | string | null;
  readonly placedAt: Date | null;
  readonly decidedAt: Date | null;
  readonly settledAt: Date | null;
  readonly updatedAt: Date;
  readonly saidAt: Date;
  readonly told: readonly EventType[];
  readonly toldAt: readonly Date[];
  readonly heard: Readonly<Record<Service, number>>;
}

export const HEAD_COLUMNS = `order_id AS "orderId", status, cancel_reason AS "cancelReason", stock, payment, settled,
  waits_for AS "waitsFor", customer_id AS "customerId", total_minor AS "totalMinor", currency, line_count AS "lineCount",
  captured_minor AS "capturedMinor", refunded_minor AS "refundedMinor", placed_at AS "placedAt", decided_at AS "decidedAt", settled_at AS "settledAt", updated_at AS "updatedAt",
  said_at AS "saidAt", told, told_at AS "toldAt", heard`;

/** Replaces heads by the JSON of rows in `$1`. @param table another one than the live table while it is rebuilt */
export const saveHeads = (table = 'heads'): string => `
  INSERT INTO ${table} (order_id, status, cancel_reason, stock, payment, settled, waits_for, customer_id, total_minor, currency,
                     line_count, captured_minor, refunded_minor, placed_at, decided_at, settled_at, updated_at, said_at, told, told_at, heard)
  SELECT * FROM jsonb_to_recordset($1::jsonb)
         AS h("orderId" text, status text, "cancelReason" text, stock text, payment text, settled boolean, "waitsFor" text,
              "customerId" text, "totalMinor" bigint, currency text, "lineCount" int, "capturedMinor" bigint, "refundedMinor" bigint, "placedAt" timestamptz,
              "decidedAt" timestamptz, "settledAt" timestamptz, "updatedAt" timestamptz, "saidAt" timestamptz, told text[],
              "toldAt" timestamptz[], heard jsonb)
  ON CONFLICT (order_id) DO UPDATE
    SET status = excluded.status, cancel_reason = excluded.cancel_reason, stock = excluded.stock, payment = excluded.payment,
        settled = excluded.settled, waits_for = excluded.waits_for, customer_id = excluded.customer_id,
        total_minor = excluded.total_minor, currency = excluded.currency, line_count = excluded.line_count,
        captured_minor = excluded.captured_minor, refunded_minor = excluded.refunded_minor, placed_at = excluded.placed_at, decided_at = excluded.decided_at, settled_at = excluded.settled_at,
        updated_at = excluded.updated_at, said_at = excluded.said_at, told = excluded.told, told_at = excluded.told_at,
        heard = excluded.heard`;

export function rowOf(orderId: string, head: Head): HeadRow {
  const { view } = head;
  return {
    orderId,
    status: view.status ?? null,
    cancelReason: view.cancelReason ?? null,
    stock: view.stock,
    payment: view.payment,
    settled: isSettled(view),
    waitsFor: waitsFor(head) ?? null,
    customerId: view.customerId ?? null,
    totalMinor: head.totalMinor ?? null,
    currency: head.currency ?? null,
    lineCount: head.lineCount ?? null,
    capturedMinor: head.capturedMinor ?? null,
    refundedMinor: head.refundedMinor ?? null,
    placedAt: head.placedAt ?? null,
    decidedAt: head.decidedAt ?? null,
    settledAt: head.settledAt ?? null,
    updatedAt: head.updatedAt,
    saidAt: view.updatedAt,
    told: head.told,
    toldAt: head.toldAt,
    heard: view.sequences,
  };
}

export function headOf(row: HeadRow): Head {
  const { status, cancelReason, customerId, placedAt, decidedAt, settledAt, totalMinor, currency, lineCount } = row;
  const { capturedMinor, refundedMinor } = row;
  return {
    view: {
      ...(status !== null && { status }),
      ...(cancelReason !== null && { cancelReason }),
      ...(customerId !== null && { customerId }),
      // The view's own instant is the publisher's, which the row does not keep: no answer of the console uses it.
      ...(placedAt !== null && { placedAt }),
      stock: row.stock,
      payment: row.payment,
      updatedAt: row.saidAt,
      sequences: Object.fromEntries(services.map((name) => [name, row.heard[name] ?? 0])) as Record<Service, number>,
    },
    told: row.told,
    toldAt: row.toldAt,
    ...(totalMinor !== null && { totalMinor: Number(totalMinor) }),
    ...(currency !== null && { currency }),
    ...(lineCount !== null && { lineCount }),
    ...(capturedMinor !== null && { capturedMinor: Number(capturedMinor) }),
    ...(refundedMinor !== null && { refundedMinor: Number(refundedMinor) }),
    ...(placedAt !== null && { placedAt }),
    ...(decidedAt !== null && { decidedAt }),
    ...(settledAt !== null && { settledAt }),
    updatedAt: row.updatedAt,
  };
}
