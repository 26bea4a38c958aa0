import { orTransientError, type Sql } from '@orderflow/durable';
import type { Span, Tally } from '../../domain/flow/rates.js';

/** Counts the events of the journal by second and type. */
export class Tallies {
  private readonly sql: Sql;
  private counted: { readonly span: Span; readonly tallies: readonly Tally[] } | undefined;

  constructor(sql: Sql) {
    this.sql = orTransientError(sql);
  }

  /**
   * The events of a span that the journal has read completely. One that continues the span before it counts only the seconds
   * that are new: what was appended before them does not change.
   */
  async next(span: Span): Promise<readonly Tally[]> {
    const before = this.counted;
    const continues = before && before.span.until <= span.until && before.span.until > span.from;
    const fresh = await this.between(continues ? { ...span, from: before.span.until } : span);
    const tallies = [...(continues ? before.tallies.filter(({ second }) => second >= span.from) : []), ...fresh];
    this.counted = { span, tallies };
    return tallies;
  }

  /** The events of any span. */
  async between({ from, until }: Span): Promise<Tally[]> {
    return this.sql.query<Tally>(
      `SELECT floor(extract(epoch FROM appended_at))::int AS second, type, count(*)::int AS count FROM journal
       WHERE appended_at >= to_timestamp($1) AND appended_at < to_timestamp($2) AND why IS NULL AND NOT repeats
       GROUP BY 1, 2`,
      [from, until],
    );
  }
}
