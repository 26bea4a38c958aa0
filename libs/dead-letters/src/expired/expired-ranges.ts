import { type Log, orTransientError, type Sql } from '@orderflow/durable';
import { Problem } from '@orderflow/http';

/** Records of one partition that expired before a consumer group of the service had consumed them. */
export interface ExpiredRange {
  readonly id: string;
  readonly consumer: string;
  readonly topic: string;
  readonly partition: number;
  /** Decimal digits: from this offset on, before `next`. */
  readonly first: string;
  readonly next: string;
  /** When the group went on after them. */
  readonly foundAt: Date;
  /** Null, with `operator` and `reason`, until an operator has acknowledged the range. */
  readonly acknowledgedAt: Date | null;
  readonly operator: string | null;
  readonly reason: string | null;
}

const ROW = `id::text, consumer, topic, partition, first_offset::text AS first, next_offset::text AS next,
  found_at AS "foundAt", acknowledged_at AS "acknowledgedAt", operator, reason`;

/** The ranges of records that expired unread. The audit and an alert name a range until an operator acknowledges it. */
export class ExpiredRanges {
  private readonly database: Sql;

  constructor(private readonly dependencies: { readonly database: Sql; readonly log: Pick<Log, 'info'> }) {
    this.database = orTransientError(dependencies.database);
  }

  /** The oldest first. @param after id of the last one seen */
  list(filter: { acknowledged?: boolean }, after: string, limit: number): Promise<ExpiredRange[]> {
    return this.database.query<ExpiredRange>(
      `SELECT ${ROW} FROM expired_ranges
       WHERE id > $1 AND ($2::boolean IS NULL OR (acknowledged_at IS NOT NULL) = $2)
       ORDER BY expired_ranges.id LIMIT $3`,
      [after, filter.acknowledged, limit],
    );
  }

  /** @returns the range. @throws Problem 404, or 409 when it is acknowledged already */
  async acknowledge(id: string, operator: string, reason: string): Promise<ExpiredRange> {
    const [range] = await this.database.query<ExpiredRange>(
      `UPDATE expired_ranges SET acknowledged_at = now(), operator = $2, reason = $3
       WHERE id = $1 AND acknowledged_at IS NULL RETURNING ${ROW}`,
      [id, operator, reason],
    );
    if (range === undefined) return this.notOpen(id);
    const { consumer, topic, partition, first, next } = range;
    this.dependencies.log.info({ consumer, topic, partition, first, next, operator, reason }, 'acknowledged');
    return range;
  }

  private async notOpen(id: string): Promise<never> {
    const [known] = await this.database.query(`SELECT 1 FROM expired_ranges WHERE id = $1`, [id]);
    if (known === undefined) throw new Problem(404, 'not-found', 'No range of expired records has this id.');
    throw new Problem(409, 'already-acknowledged', 'An operator has acknowledged it already.');
  }
}
