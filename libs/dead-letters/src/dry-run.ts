import {
  Connection,
  isRefusedByDatabase,
  reasonOf,
  type DryRunTarget,
  type DryRunAttempt as Attempt,
  TransientError,
} from '@orderflow/durable';
import { type ParkedEvent, parkedRecordOf, type ParkedEventDetail } from './parked-events.js';

/** What would become of one letter. */
export interface DryRunResult {
  readonly letter: ParkedEvent;
  /** `known`: another copy of it was handled meanwhile, so that it only goes away. */
  readonly outcome: 'handled' | 'known' | 'fails';
  readonly reason?: string;
  /** Types of the events that would be published. */
  readonly says: readonly string[];
  /** Kinds of the calls that would be made outside. */
  readonly calls: readonly string[];
}

/** Drains queues by the command handler that would do it, in a transaction that is rolled back. */
export class DryRun {
  private readonly consumers: ReadonlyMap<string, DryRunTarget>;

  /** @param queueOf a letter and what is behind it; nothing when the letter is gone */
  constructor(
    private readonly databaseUrl: string,
    consumers: readonly DryRunTarget[],
    private readonly queueOf: (head: ParkedEvent) => Promise<readonly ParkedEventDetail[]>,
  ) {
    this.consumers = new Map(consumers.map((consumer) => [consumer.consumer, consumer]));
  }

  /**
   * @param heads the first letters of their queues
   * @returns for each queue that is still there what would become of its letters, up to the first that fails
   * @throws TransientError when nobody knows
   */
  async of(heads: readonly ParkedEvent[]): Promise<DryRunResult[][]> {
    // Planned as the batch path is; of its own, because what is locked for a moment here must not share its connection.
    const connection = new Connection(this.databaseUrl, 'dryRun', { enable_seqscan: 'off' });
    try {
      const all: DryRunResult[][] = [];
      for (const head of heads) {
        const queue = await this.queueOf(head);
        if (queue[0]?.id === head.id) all.push(await this.drain(connection, queue));
      }
      return all;
    } finally {
      await connection.end();
    }
  }

  private async drain(connection: Connection, queue: readonly ParkedEventDetail[]): Promise<DryRunResult[]> {
    const { consumer: name } = queue[0]!;
    const consumer = this.consumers.get(name);
    if (!consumer) return [failed(queue[0]!, `nobody here is called ${name} any more`)];
    // Read before the transaction begins: a schema may have to be asked for.
    const incoming = await Promise.all(queue.map((letter) => consumer.incomingOf(parkedRecordOf(letter))));
    const results: DryRunResult[] = [];
    try {
      await connection.dryRun(async (sql) => {
        for (const [index, letter] of queue.entries()) {
          results.push(resultOf(letter, await consumer.run(sql, incoming[index]!)));
          if (results.at(-1)!.outcome === 'fails') return;
        }
      });
      return results;
    } catch (error) {
      if (!isRefusedByDatabase(error)) throw new TransientError(reasonOf(error), { cause: error });
      return [...results, failed(queue[results.length]!, reasonOf(error))];
    }
  }
}

function resultOf(letter: ParkedEvent, { work, outcomes: [outcome] }: Attempt): DryRunResult {
  if (outcome?.kind === 'parked') return failed(letter, outcome.reason);
  return {
    letter,
    outcome: outcome?.kind === 'duplicate' ? 'known' : 'handled',
    says: work.records.map(({ headers }) => headers['ce_type'] ?? ''),
    calls: work.calls.map(({ kind }) => kind),
  };
}

const failed = (letter: ParkedEvent, reason: string): DryRunResult => ({
  letter,
  outcome: 'fails',
  reason,
  says: [],
  calls: [],
});
