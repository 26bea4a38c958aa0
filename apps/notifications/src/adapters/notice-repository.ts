import { StatesByKey } from '@orderflow/decider';
import { type Repository, type Sql } from '@orderflow/durable';
import { noNotices, type NoticeCommand, type NoticeEvent, type Notices } from '../domain/notice.js';
import { type NoticeRow, noticesOf, rowOf } from './notice-row.js';

/** The notices of one batch, by order. */
export type LoadedNotices = StatesByKey<Notices, NoticeCommand>;

// As PostgreSQL returns a uuid: an id in capitals would not match its row.
const orderOf = (command: NoticeCommand): string => command.orderId.toLowerCase();

/** One row per order holds its mails: a batch is one insert, one lock and one update, regardless of the number of mails. */
export class NoticeRepository implements Repository<Notices, NoticeCommand, NoticeEvent, LoadedNotices> {
  async load(sql: Sql, commands: readonly NoticeCommand[]): Promise<LoadedNotices> {
    const orderIds = [[...new Set(commands.map(orderOf))]];
    const [, rows] = await Promise.all([sql.query(INSERT_MISSING, orderIds), sql.query<NoticeRow>(LOCK, orderIds)]);
    return new StatesByKey(new Map(rows.map((row) => [row.orderId, noticesOf(row)])), orderOf, noNotices);
  }

  async save(sql: Sql, notices: LoadedNotices): Promise<void> {
    const changed = notices.changed();
    if (changed.length > 0) await sql.query(SAVE, [JSON.stringify(changed.map(([, notice]) => rowOf(notice)))]);
  }
}

// A missing row cannot be locked: two first events of one order would overwrite each other.
const INSERT_MISSING = `
  INSERT INTO notices (order_id)
  SELECT id FROM unnest($1::uuid[]) AS id ORDER BY id
  ON CONFLICT DO NOTHING`;

// In key order, else two batches that share orders could deadlock.
const LOCK = `
  SELECT order_id AS "orderId", sequence, recipient, refund, mails
  FROM notices WHERE order_id = ANY ($1::uuid[]) ORDER BY order_id FOR UPDATE`;

const SAVE = `
  UPDATE notices SET sequence = new.sequence, recipient = new.recipient, refund = new.refund, mails = new.mails
  FROM json_to_recordset($1::json) AS new ("orderId" uuid, sequence integer, recipient text, refund jsonb, mails jsonb)
  WHERE notices.order_id = new."orderId"`;
