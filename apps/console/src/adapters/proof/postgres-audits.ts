import type { AuditReport, AuditSummary } from '@orderflow/console-api';
import { orTransientError, type Sql } from '@orderflow/durable';
import { type Audits, summaryOf } from '../../domain/proof/audits.js';

/** Reports that are kept: with one in an hour those of six weeks. */
const MOST_KEPT = 1_000;

interface Row {
  readonly at: Date;
  readonly rules: number;
  readonly broken: number;
}

export class PostgresAudits implements Audits {
  private readonly sql: Sql;

  constructor(sql: Sql) {
    this.sql = orTransientError(sql);
  }

  async keep(report: AuditReport): Promise<void> {
    const { at, rules, broken } = summaryOf(report);
    await this.sql.query(
      `INSERT INTO audits (at, rules, broken, report) VALUES ($1, $2, $3, $4) ON CONFLICT (at) DO NOTHING`,
      [at, rules, broken, JSON.stringify(report)],
    );
    await this.sql.query('DELETE FROM audits WHERE at <= (SELECT at FROM audits ORDER BY at DESC OFFSET $1 LIMIT 1)', [
      MOST_KEPT,
    ]);
  }

  async list(until: Date | undefined, count: number): Promise<AuditSummary[]> {
    const rows = await this.sql.query<Row>(
      `SELECT at, rules, broken FROM audits WHERE at <= coalesce($1, 'infinity'::timestamptz) ORDER BY at DESC LIMIT $2`,
      [until, count],
    );
    return rows.map(({ at, ...figures }) => ({ at: at.toISOString(), ...figures }));
  }

  async last(until: Date | undefined): Promise<AuditReport | undefined> {
    return this.report(`at <= coalesce($1, 'infinity'::timestamptz) ORDER BY at DESC LIMIT 1`, until);
  }

  async of(at: Date): Promise<AuditReport | undefined> {
    return this.report('at = $1', at);
  }

  private async report(where: string, at: Date | undefined): Promise<AuditReport | undefined> {
    const rows = await this.sql.query<{ report: AuditReport }>(`SELECT report FROM audits WHERE ${where}`, [at]);
    return rows[0]?.report;
  }
}
