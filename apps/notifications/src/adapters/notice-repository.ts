import { keptOf, type RecordedEvent, type Repository, type Sql } from '@orderflow/durable';
import { type NoticeTypes, NoticeWorkingSet, orderOf } from '../domain/notice-working-set.js';
import type { NoticeCommand, NoticeEvent, Notices } from '../domain/notice.js';
import { type NoticeRow, noticesOf, rowOf } from './notice-row.js';

/** One row per order holds its mails: a batch is one insert, one lock and one update, regardless of the number of mails. */
export class NoticeRepository implements Repository<NoticeTypes> {
  async load(sql: Sql, commands: readonly NoticeCommand[]): Promise<NoticeWorkingSet> {
    const orderIds = [[...new Set(commands.map(orderOf))]];
    const [, rows] = await Promise.all([sql.query(INSERT_MISSING, orderIds), sql.query<NoticeRow>(LOCK, orderIds)]);
    return new NoticeWorkingSet(rows.map(noticesOf));
  }

  async save(
    sql: Sql,
    notices: NoticeWorkingSet,
    recorded: readonly RecordedEvent<NoticeEvent, Notices>[],
  ): Promise<void> {
    const changed = notices.changed();
    const kept = keptOf(recorded);
    const rows = changed.map(([, notice]) => ({ ...rowOf(notice), events: kept.get(notice.orderId) ?? [] }));
    if (rows.length > 0) await sql.query(SAVE, [JSON.stringify(rows)]);
  }
}

// A missing row cannot be locked: two first events of one order would overwrite each other.
const INSERT_MISSING = `
  INSERT INTO notices (order_id)
  SELECT id FROM unnest($1::uuid[]) AS id ORDER BY id
  ON CONFLICT DO NOTHING`;

// In key order, else two batches that share orders could deadlock.
// guard: notifications: the row of an order is locked
const LOCK = `
  SELECT order_id AS "orderId", sequence, recipient, refund, mails
  FROM notices WHERE order_id = ANY ($1::uuid[]) ORDER BY order_id FOR UPDATE`;

// Not UPDATE ... FROM: for a large batch its join is planned as a scan of the whole table. The row is there, since it is locked.
const SAVE = `
  INSERT INTO notices (order_id, sequence, recipient, refund, mails, events)
  SELECT * FROM jsonb_to_recordset($1::jsonb)
         AS new ("orderId" uuid, sequence integer, recipient text, refund jsonb, mails jsonb, events jsonb)
  ON CONFLICT (order_id) DO UPDATE SET
    sequence = excluded.sequence, recipient = excluded.recipient, refund = excluded.refund, mails = excluded.mails,
    events = notices.events || excluded.events`;
