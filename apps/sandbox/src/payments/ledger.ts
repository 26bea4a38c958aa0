import { Injectable } from '@nestjs/common';
import { Problem } from '@orderflow/http';
import { randomUUID } from 'node:crypto';
import type { PoolClient } from '@orderflow/postgres';
import { Database } from '../database.js';
import { GroupWriter } from '../group-writer.js';
import type { RecordsQuery } from '../records-query.js';
import { type Charge, refusalOfRefund } from './charge.js';

export type NewCharge = Omit<Charge, 'chargeId' | 'refundedMinor' | 'createdAt'>;

export interface NewRefund {
  idempotencyKey: string;
  fingerprint: string;
  chargeId: string;
  amountMinor: number;
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
    const sql = `${SELECT} FROM charges WHERE idempotency_key = $1`;
    return (await this.database.query<Charge>(sql, [idempotencyKey], 'find_charge'))[0];
  }

  /** @throws Problem 404 no such charge */
  async charge(chargeId: string): Promise<Charge> {
    const [charge] = await this.database.query<Charge>(`${SELECT} FROM charges WHERE charge_id = $1`, [chargeId]);
    return charge ?? noSuchCharge();
  }

  /** Charges in the order of recording. */
  list(query: RecordsQuery) {
    return this.database.page<Charge>(`${SELECT} FROM charges`, query);
  }

  /**
   * Refunds a part of a charge, once per idempotency key, and returns the refund's id.
   * @throws Problem 404 no such charge, 409 more than is left or nothing left, 422 the key was used for another refund
   */
  refund(refund: NewRefund): Promise<string> {
    return this.database.transaction(async (client) => {
      // Locks the charge: refunds of one charge are serialised, so that their sum cannot exceed the capture.
      const sql = `${SELECT} FROM charges WHERE charge_id = $1 FOR UPDATE`;
      const { rows } = await client.query<Charge>(sql, [refund.chargeId]);
      if (!rows[0]) return noSuchCharge();
      const earlier = await earlierRefund(client, refund);
      if (earlier !== undefined) return earlier;
      const refusal = refusalOfRefund(rows[0], refund.amountMinor);
      if (refusal !== null) throw new Problem(409, ...refusal);
      return insertRefund(client, refund);
    });
  }

  private async write(charges: readonly NewCharge[]): Promise<Charge[]> {
    const rows = charges.map((charge) => ({ ...charge, chargeId: newId('ch') }));
    const recorded = await this.database.query<Charge>(RECORD, [JSON.stringify(rows)], 'record_charges');
    const byKey = new Map(recorded.map((charge) => [charge.idempotencyKey, charge]));
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

const SELECT = `
  SELECT seq, charge_id AS "chargeId", idempotency_key AS "idempotencyKey", fingerprint, order_id AS "orderId",
         amount_minor::float8 AS "amountMinor", currency, token, status, decline_code AS "declineCode",
         refunded_minor::float8 AS "refundedMinor", created_at AS "createdAt"`;

const RECORD = `
  WITH requested AS (
    SELECT * FROM jsonb_to_recordset($1::jsonb) AS a ("chargeId" text, "idempotencyKey" text, fingerprint text,
           "orderId" text, "amountMinor" bigint, currency text, token text, status text, "declineCode" text)
  ), written AS (
    INSERT INTO charges (charge_id, idempotency_key, fingerprint, order_id, amount_minor, currency, token, status, decline_code)
    SELECT * FROM requested ON CONFLICT (idempotency_key) DO NOTHING RETURNING *
  ), recorded AS (
    SELECT * FROM written
    UNION ALL SELECT charges.* FROM charges JOIN requested ON idempotency_key = "idempotencyKey"
  )
  ${SELECT} FROM recorded`;

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

function noSuchCharge(): never {
  throw new Problem(404, 'not-found', 'There is no such charge.');
}

/** The problem of an idempotency key that was used for another request. */
export const keyReused = (): Problem =>
  new Problem(422, 'idempotency-key-reused', 'The idempotency key was used for another request.');

const newId = (prefix: string): string => `${prefix}_${randomUUID().replaceAll('-', '')}`;
