import { Injectable } from '@nestjs/common';
import { Problem } from '@orderflow/http';
import { randomUUID } from 'node:crypto';
import type { PoolClient } from 'pg';
import { Database } from '../database.js';
import { GroupWriter } from '../group-writer.js';
import { type Charge, refusalOfRefund } from './charge.js';

export type NewCharge = Omit<Charge, 'chargeId' | 'refundedMinor' | 'createdAt'>;

export interface NewRefund {
  idempotencyKey: string;
  fingerprint: string;
  chargeId: string;
  amountMinor: number;
}

interface ChargeRow {
  seq: string;
  charge_id: string;
  idempotency_key: string;
  fingerprint: string;
  order_id: string;
  amount_minor: string;
  currency: string;
  token: string;
  status: 'captured' | 'declined';
  decline_code: string | null;
  refunded_minor: string;
  created_at: Date;
}

/** The provider's durable ledger. Every answer from it is committed. */
@Injectable()
export class Ledger {
  private readonly writer: GroupWriter<NewCharge, Charge>;

  constructor(private readonly database: Database) {
    this.writer = new GroupWriter((charges) => this.write(charges));
  }

  /** Records a charge, or returns the one with the same idempotency key, whose other fields may differ. */
  record(charge: NewCharge): Promise<Charge> {
    return this.writer.add(charge);
  }

  /** The charge with this idempotency key. */
  async find(idempotencyKey: string): Promise<Charge | undefined> {
    const sql = 'SELECT * FROM charges WHERE idempotency_key = $1';
    const [row] = await this.database.query<ChargeRow>(sql, [idempotencyKey], 'find_charge');
    return row && chargeOf(row);
  }

  /** Charges in the order of recording, after `after`, with their cursors. */
  async list(query: { orderId: string | undefined; after: string | undefined; limit: number }) {
    const rows = await this.database.query<ChargeRow>(
      `SELECT * FROM charges WHERE seq > $1 ${query.orderId === undefined ? '' : 'AND order_id = $3'} ORDER BY seq LIMIT $2`,
      [query.after ?? 0, query.limit, ...(query.orderId === undefined ? [] : [query.orderId])],
    );
    return rows.map((row) => ({ cursor: row.seq, charge: chargeOf(row) }));
  }

  /**
   * Refunds a part of a charge, once per idempotency key, and returns the refund's id.
   * @throws Problem 404 no such charge, 409 more than is left, 422 the key was used for another refund
   */
  refund(refund: NewRefund): Promise<string> {
    return this.database.transaction(async (client) => {
      // Locks the charge: refunds of one charge are serialised, so that their sum cannot exceed the capture.
      const { rows } = await client.query<ChargeRow>('SELECT * FROM charges WHERE charge_id = $1 FOR UPDATE', [
        refund.chargeId,
      ]);
      if (!rows[0]) throw new Problem(404, 'not-found', 'There is no such charge.');
      const earlier = await earlierRefund(client, refund);
      if (earlier !== undefined) return earlier;
      const refusal = refusalOfRefund(chargeOf(rows[0]), refund.amountMinor);
      if (refusal !== null) throw new Problem(409, 'refund-too-large', refusal);
      return insertRefund(client, refund);
    });
  }

  private async write(charges: readonly NewCharge[]): Promise<Charge[]> {
    const rows = await this.database.query<ChargeRow>(RECORD, columnsOf(charges), 'record_charges');
    const byKey = new Map(rows.map((row) => [row.idempotency_key, chargeOf(row)]));
    return Promise.all(
      charges.map(async ({ idempotencyKey }) => {
        // Missing only when another process wrote the same key meanwhile: committed, but newer than our snapshot.
        const charge = byKey.get(idempotencyKey) ?? (await this.find(idempotencyKey));
        if (!charge) throw new Error('a charge was neither written nor found');
        return charge;
      }),
    );
  }
}

const RECORD = `
  WITH requested AS (
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::text[], $8::text[], $9::text[])
      AS a (charge_id, idempotency_key, fingerprint, order_id, amount_minor, currency, token, status, decline_code)
  ), written AS (
    INSERT INTO charges (charge_id, idempotency_key, fingerprint, order_id, amount_minor, currency, token, status, decline_code)
    SELECT * FROM requested ON CONFLICT (idempotency_key) DO NOTHING RETURNING *
  )
  SELECT * FROM written UNION ALL SELECT charges.* FROM charges JOIN requested USING (idempotency_key)`;

function columnsOf(charges: readonly NewCharge[]): unknown[] {
  return [
    charges.map(() => newId('ch')),
    charges.map((charge) => charge.idempotencyKey),
    charges.map((charge) => charge.fingerprint),
    charges.map((charge) => charge.orderId),
    charges.map((charge) => charge.amountMinor),
    charges.map((charge) => charge.currency),
    charges.map((charge) => charge.token),
    charges.map((charge) => charge.status),
    charges.map((charge) => charge.declineCode),
  ];
}

async function earlierRefund(client: PoolClient, refund: NewRefund): Promise<string | undefined> {
  const { rows } = await client.query<{ refund_id: string; fingerprint: string }>(
    'SELECT refund_id, fingerprint FROM refunds WHERE idempotency_key = $1',
    [refund.idempotencyKey],
  );
  if (rows[0] && rows[0].fingerprint !== refund.fingerprint) throw keyReused();
  return rows[0]?.refund_id;
}

async function insertRefund(client: PoolClient, refund: NewRefund): Promise<string> {
  const refundId = newId('re');
  const { rowCount } = await client.query(
    `INSERT INTO refunds (refund_id, idempotency_key, fingerprint, charge_id, amount_minor)
     VALUES ($1, $2, $3, $4, $5) ON CONFLICT (idempotency_key) DO NOTHING`,
    [refundId, refund.idempotencyKey, refund.fingerprint, refund.chargeId, refund.amountMinor],
  );
  // The charge is locked, so only a refund of another charge can have used the key since the look-up.
  if (rowCount === 0) throw keyReused();
  await client.query('UPDATE charges SET refunded_minor = refunded_minor + $2 WHERE charge_id = $1', [
    refund.chargeId,
    refund.amountMinor,
  ]);
  return refundId;
}

/** The problem of an idempotency key that was used for another request. */
export const keyReused = (): Problem =>
  new Problem(422, 'idempotency-key-reused', 'The idempotency key was used for another request.');

const newId = (prefix: string): string => `${prefix}_${randomUUID().replaceAll('-', '')}`;

function chargeOf(row: ChargeRow): Charge {
  return {
    chargeId: row.charge_id,
    idempotencyKey: row.idempotency_key,
    fingerprint: row.fingerprint,
    orderId: row.order_id,
    amountMinor: Number(row.amount_minor),
    currency: row.currency,
    token: row.token,
    status: row.status,
    declineCode: row.decline_code,
    refundedMinor: Number(row.refunded_minor),
    createdAt: row.created_at,
  };
}
