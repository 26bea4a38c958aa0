import {
  Connection,
  isRefusedByDatabase,
  reasonOf,
  type Rehearsable,
  type RehearsedAttempt as Attempt,
  WorldIsBad,
} from '@orderflow/durable';
import { type LetterRow, parkedRecordOf, type WholeLetter } from './letters.js';

/** What would become of one letter. */
export interface Rehearsed {
  readonly letter: LetterRow;
  /** `known`: another copy of it was handled meanwhile, so that it only goes away. */
  readonly outcome: 'handled' | 'known' | 'fails';
  readonly reason?: string;
  /** Types of the events that would be published. */
  readonly says: readonly string[];
  /** Kinds of the calls that would be made outside. */
  readonly calls: readonly string[];
}

/** Drains queues by the command handler that would do it, in a transaction that is rolled back. */
export class Rehearsal {
  private readonly consumers: ReadonlyMap<string, Rehearsable>;

  /** @param queueOf a letter and what is behind it; nothing when the letter is gone */
  constructor(
    private readonly databaseUrl: string,
    consumers: readonly Rehearsable[],
    private readonly queueOf: (head: LetterRow) => Promise<readonly WholeLetter[]>,
  ) {
    this.consumers = new Map(consumers.map((consumer) => [consumer.consumer, consumer]));
  }

  /**
   * @param heads the first letters of their queues
   * @returns for each queue that is still there what would become of its letters, up to the first that fails
   * @throws WorldIsBad when nobody knows
   */
  async of(heads: readonly LetterRow[]): Promise<Rehearsed[][]> {
    // Planned as the batch path is; of its own, because what is locked for a moment here must not share its connection.
    const connection = new Connection(this.databaseUrl, 'rehearsal', { enable_seqscan: 'off' });
    try {
      const all: Rehearsed[][] = [];
      for (const head of heads) {
        const queue = await this.queueOf(head);
        if (queue[0]?.id === head.id) all.push(await this.drain(connection, queue));
      }
      return all;
    } finally {
      await connection.end();
    }
  }

  private async drain(connection: Connection, queue: readonly WholeLetter[]): Promise<Rehearsed[]> {
    const { consumer: name } = queue[0]!;
    const consumer = this.consumers.get(name);
    if (!consumer) return [failed(queue[0]!, `nobody here is called ${name} any more`)];
    // Read before the transaction begins: a schema may have to be asked for.
    const incoming = await Promise.all(queue.map((letter) => consumer.incomingOf(parkedRecordOf(letter))));
    const rehearsed: Rehearsed[] = [];
    try {
      await connection.rehearsal(async (sql) => {
        for (const [index, letter] of queue.entries()) {
          rehearsed.push(rehearsedOf(letter, await consumer.run(sql, incoming[index]!)));
          if (rehearsed.at(-1)!.outcome === 'fails') return;
        }
      });
      return rehearsed;
    } catch (error) {
      if (!isRefusedByDatabase(error)) throw new WorldIsBad(reasonOf(error), { cause: error });
      return [...rehearsed, failed(queue[rehearsed.length]!, reasonOf(error))];
    }
  }
}

function rehearsedOf(letter: LetterRow, { work, outcomes: [outcome] }: Attempt): Rehearsed {
  if (outcome?.kind === 'parked') return failed(letter, outcome.reason);
  return {
    letter,
    outcome: outcome?.kind === 'duplicate' ? 'known' : 'handled',
    says: work.records.map(({ headers }) => headers['ce_type'] ?? ''),
    calls: work.calls.map(({ kind }) => kind),
  };
}

const failed = (letter: LetterRow, reason: string): Rehearsed => ({
  letter,
  outcome: 'fails',
  reason,
  says: [],
  calls: [],
});
