import { keptOf, type RecordedEvent, type Repository, type Sql } from '@orderflow/durable';
import { orderOf, type PaymentTypes, PaymentWorkingSet } from '../domain/payment-working-set.js';
import type { Payment, PaymentCommand, PaymentEvent } from '../domain/payment.js';
import { paymentOf, type PaymentRow, rowOf } from './payment-row.js';

export class PaymentRepository implements Repository<PaymentTypes> {
  async load(sql: Sql, commands: readonly PaymentCommand[]): Promise<PaymentWorkingSet> {
    const orderIds = [[...new Set(commands.map(orderOf))]];
    // guard: payments: a missing row is inserted before it is locked
    const [, rows] = await Promise.all([sql.query(INSERT_MISSING, orderIds), sql.query<PaymentRow>(LOCK, orderIds)]);
    return new PaymentWorkingSet(rows.map(paymentOf));
  }

  async save(
    sql: Sql,
    payments: PaymentWorkingSet,
    recorded: readonly RecordedEvent<PaymentEvent, Payment>[],
  ): Promise<void> {
    const changed = payments.changed();
    const kept = keptOf(recorded);
    const rows = changed.map(([, payment]) => ({ ...rowOf(payment), events: kept.get(payment.orderId) ?? [] }));
    if (rows.length > 0) await sql.query(SAVE, [JSON.stringify(rows)]);
  }
}

// A missing row cannot be locked: two first events of one order would overwrite each other.
// guard: payments: rows are locked in the order of their keys
const INSERT_MISSING = `
  INSERT INTO payments (order_id)
  SELECT id FROM unnest($1::uuid[]) AS id ORDER BY id
  ON CONFLICT DO NOTHING`;

// In key order, else two batches that share orders could deadlock.
// guard: payments: the row of an order is locked
// guard: payments: rows are locked in the order of their keys
const LOCK = `
  SELECT order_id AS "orderId", status, sequence, reserved, amount_minor AS "amountMinor", currency, token,
         charge_id AS "chargeId", refund_id AS "refundId", decline_code AS "declineCode",
         cancelled_by AS "cancelledBy", refunded_elsewhere AS "refundedElsewhere"
  FROM payments WHERE order_id = ANY ($1::uuid[]) ORDER BY order_id FOR UPDATE`;

// Not UPDATE ... FROM: for a large batch its join is planned as a scan of the whole table. The row is there, since it is locked.
const SAVE = `
  INSERT INTO payments (order_id, status, sequence, reserved, amount_minor, currency, token, charge_id, refund_id,
         decline_code, cancelled_by, refunded_elsewhere, events)
  SELECT * FROM jsonb_to_recordset($1::jsonb) AS new (
    "orderId" uuid, status text, sequence integer, reserved boolean, "amountMinor" bigint, currency text, token text,
    "chargeId" text, "refundId" text, "declineCode" text, "cancelledBy" text, "refundedElsewhere" boolean, events jsonb)
  ON CONFLICT (order_id) DO UPDATE SET
    status = excluded.status, sequence = excluded.sequence, reserved = excluded.reserved,
    amount_minor = excluded.amount_minor, currency = excluded.currency, token = excluded.token,
    charge_id = excluded.charge_id, refund_id = excluded.refund_id, decline_code = excluded.decline_code,
    cancelled_by = excluded.cancelled_by, refunded_elsewhere = excluded.refunded_elsewhere,
    events = payments.events || excluded.events, updated_at = now()`;
