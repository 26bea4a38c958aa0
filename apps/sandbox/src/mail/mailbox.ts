import { Injectable } from '@nestjs/common';
import { Database } from '../database.js';
import { GroupWriter } from '../group-writer.js';

export interface Mail {
  messageId: string;
  orderId: string | null;
  template: string | null;
  to: string;
  subject: string;
  text: string;
}

interface MailRow {
  seq: string;
  message_id: string;
  order_id: string | null;
  template: string | null;
  recipient: string;
  subject: string;
  body: string;
  copies: number;
  received_at: Date;
}

/** Received mail, one row per Message-ID. An accepted mail is committed. */
@Injectable()
export class Mailbox {
  private readonly writer: GroupWriter<Mail, void>;

  constructor(private readonly database: Database) {
    this.writer = new GroupWriter((mails) => this.write(mails));
  }

  /** Stores a mail; a repeated Message-ID counts as a copy. */
  receive(mail: Mail): Promise<void> {
    return this.writer.add(mail);
  }

  /** Mails in the order of arrival, after `after`, with their cursors. */
  async list(query: { orderId: string | undefined; after: string | undefined; limit: number }) {
    const rows = await this.database.query<MailRow>(
      `SELECT * FROM mails WHERE seq > $1 ${query.orderId === undefined ? '' : 'AND order_id = $3'} ORDER BY seq LIMIT $2`,
      [query.after ?? 0, query.limit, ...(query.orderId === undefined ? [] : [query.orderId])],
    );
    return rows.map((row) => ({
      cursor: row.seq,
      mail: {
        messageId: row.message_id,
        orderId: row.order_id,
        template: row.template,
        to: row.recipient,
        subject: row.subject,
        text: row.body,
        copies: row.copies,
        receivedAt: row.received_at.toISOString(),
      },
    }));
  }

  private async write(mails: readonly Mail[]): Promise<void[]> {
    // One row per Message-ID: ON CONFLICT DO UPDATE cannot update a row twice in one statement.
    const copies = new Map<string, number>();
    for (const { messageId } of mails) copies.set(messageId, (copies.get(messageId) ?? 0) + 1);
    const firsts = [...copies.keys()].map((id) => mails.find(({ messageId }) => messageId === id)!);
    await this.database.query(
      RECEIVE,
      [
        firsts.map((mail) => mail.messageId),
        firsts.map((mail) => mail.orderId),
        firsts.map((mail) => mail.template),
        firsts.map((mail) => mail.to),
        firsts.map((mail) => mail.subject),
        firsts.map((mail) => mail.text),
        [...copies.values()],
      ],
      'receive_mails',
    );
    return mails.map(() => undefined);
  }
}

const RECEIVE = `
  INSERT INTO mails (message_id, order_id, template, recipient, subject, body, copies)
  SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::int[])
  ON CONFLICT (message_id) DO UPDATE SET copies = mails.copies + excluded.copies`;
