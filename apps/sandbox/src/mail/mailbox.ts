import { Injectable } from '@nestjs/common';
import { Database } from '../database.js';
import { GroupWriter } from '../group-writer.js';
import type { RecordsQuery } from '../records-query.js';

export interface Mail {
  messageId: string;
  orderId: string | null;
  template: string | null;
  to: string;
  subject: string;
  text: string;
}

type StoredMail = Mail & { copies: number; receivedAt: Date };

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

  /** Mails in the order of arrival. */
  list(query: RecordsQuery) {
    return this.database.page<StoredMail>(SELECT, query);
  }

  private async write(mails: readonly Mail[]): Promise<void[]> {
    // One row per Message-ID: ON CONFLICT DO UPDATE cannot update a row twice in one statement.
    const groups = [...Map.groupBy(mails, ({ messageId }) => messageId).values()];
    const columns = COLUMNS.map((column) => groups.map(([mail]) => mail![column]));
    await this.database.query(RECEIVE, [...columns, groups.map(({ length }) => length)], 'receive_mails');
    return mails.map(() => undefined);
  }
}

const SELECT = `
  SELECT seq, message_id AS "messageId", order_id AS "orderId", template, recipient AS "to", subject, body AS "text",
         copies, received_at AS "receivedAt"
  FROM mails`;

const COLUMNS = ['messageId', 'orderId', 'template', 'to', 'subject', 'text'] as const;
const RECEIVE = `
  INSERT INTO mails (message_id, order_id, template, recipient, subject, body, copies)
  SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::int[])
  ON CONFLICT (message_id) DO UPDATE SET copies = mails.copies + excluded.copies`;
