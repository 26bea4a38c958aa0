import { orTransientError, reasonOf, type Sql, TransientError } from '@orderflow/durable';
import { type KafkajsBroker, type PartitionEnd, partitionName } from '@orderflow/kafka';
import { GROUP, journalTopics } from './journal-consumer.js';
import { SharedAnswer } from './shared-answer.js';

const FRESH_MS = 200;

interface Ends {
  readonly at: Date;
  readonly ends: readonly PartitionEnd[];
}

/** How far the journal has read the topics. */
export class Reach {
  private readonly ends = new SharedAnswer(() => this.ask(), FRESH_MS);
  private readonly sql: Sql;

  constructor(
    private readonly broker: Pick<KafkajsBroker, 'endsOf'>,
    sql: Sql,
    private readonly prefix: string,
  ) {
    this.sql = orTransientError(sql);
  }

  /** See {@link Journal.through}. */
  async through(): Promise<Date> {
    // First the ends, then the offsets: what is read up to the ends was all there was at that instant.
    const { at, ends } = await this.ends.get();
    const rows = await this.sql.query<{ topic: string; partition: number; next: string; appendedAt: Date | null }>(
      `SELECT topic, partition, next_offset AS next, appended_at AS "appendedAt" FROM consumed_offsets WHERE consumer = $1`,
      [GROUP],
    );
    const read = new Map(rows.map((row) => [partitionName(row), row]));
    const instants = ends.map((end) => {
      const row = read.get(partitionName(end));
      return BigInt(row?.next ?? 0) >= BigInt(end.end) ? at : (row?.appendedAt ?? new Date(0));
    });
    return new Date(Math.min(at.getTime(), ...instants.map((instant) => instant.getTime())));
  }

  private async ask(): Promise<Ends> {
    const at = new Date();
    try {
      return { at, ends: await this.broker.endsOf(journalTopics(this.prefix)) };
    } catch (cause) {
      throw new TransientError(reasonOf(cause), { cause });
    }
  }
}
