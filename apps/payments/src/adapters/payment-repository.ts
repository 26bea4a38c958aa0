import { StatesByKey } from '@orderflow/decider';
import { type Repository, type Sql } from '@orderflow/durable';
import { newPayment, type Payment, type PaymentCommand, type PaymentEvent } from '../domain/payment.js';
import { paymentOf, type PaymentRow, rowOf } from './payment-row.js';

/** The payments of one batch, by order. */
export type Payments = StatesByKey<Payment, PaymentCommand>;

// As PostgreSQL returns a uuid: an id in capitals would not match its row.
const orderOf = (command: PaymentCommand): string => command.orderId.toLowerCase();

export class PaymentRepository implements Repository<Payment, PaymentCommand, PaymentEvent, Payments> {
  async load(sql: Sql, commands: readonly PaymentCommand[]): Promise<Payments> {
    const orderIds = [[...new Set(commands.map(orderOf))]];
    const [, rows] = await Promise.all([sql.query(INSERT_MISSING, orderIds), sql.query<PaymentRow>(LOCK, orderIds)]);
    return new StatesByKey(new Map(rows.map((row) => [row.orderId, paymentOf(row)])), orderOf, newPayment);
  }

  async save(sql: Sql, payments: Payments): Promise<void> {
    const changed = payments.changed();
    if (changed.length > 0) await sql.query(SAVE, [JSON.stringify(changed.map(([, payment]) => rowOf(payment)))]);
  }
}

// A missing row cannot be locked: two first events of one order would overwrite each other.
const INSERT_MISSING = `
  INSERT INTO payments (order_id)
  SELECT id FROM unnest($1::uuid[]) AS id ORDER BY id
  ON CONFLICT DO NOTHING`;

// In key order, else two batches that share orders could deadlock.
const LOCK = `
  SELECT order_id AS "orderId", status, sequence, reserved, amount_minor AS "amountMinor", currency, token,
         charge_id AS "chargeId", refund_id AS "refundId", decline_code AS "declineCode",
         cancelled_by AS "cancelledBy"
  FROM payments WHERE order_id = ANY ($1::uuid[]) ORDER BY order_id FOR UPDATE`;

const SAVE = `
  UPDATE payments SET
    status = new.status, sequence = new.sequence, reserved = new.reserved, amount_minor = new."amountMinor",
    currency = new.currency, token = new.token, charge_id = new."chargeId", refund_id = new."refundId",
    decline_code = new."declineCode", cancelled_by = new."cancelledBy", updated_at = now()
  FROM json_to_recordset($1::json) AS new (
    "orderId" uuid, status text, sequence integer, reserved boolean, "amountMinor" bigint,
    currency text, token text, "chargeId" text, "refundId" text, "declineCode" text, "cancelledBy" text)
  WHERE payments.order_id = new."orderId"`;
