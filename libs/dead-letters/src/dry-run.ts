import {
  Connection,
  type ConsumerGroup,
  isRefusedByDatabase,
  type Outcome,
  reasonOf,
  TransientError,
} from '@orderflow/durable';
import { type ParkedEvent, type ParkedEventDetail, recordOf } from './parked-events.js';

/** The parts of a consumer group that a dry run needs: its decoding and its command handler. */
export type DryRunGroup = Pick<ConsumerGroup, 'name' | 'incomingOf' | 'dryRun'>;

/** The outcome that a retry of one parked event would have. */
export interface DryRunResult {
  readonly event: ParkedEvent;
  /** `known`: another copy was handled meanwhile, or its type is not consumed, so the event would only be removed. */
  readonly outcome: 'handled' | 'known' | 'fails';
  readonly reason?: string;
  /** Types of the events that would be published. */
  readonly publishes: string[];
  /** Kinds of the external calls that would be made. */
  readonly calls: string[];
}

/** Drains queues with the service's own command handler, in a transaction that is rolled back. */
export class DryRun {
  private readonly groups: ReadonlyMap<string, DryRunGroup>;

  /** @param queueOf a parked event and the events behind it; empty when the event is gone */
  constructor(
    private readonly databaseUrl: string,
    groups: readonly DryRunGroup[],
    private readonly queueOf: (head: ParkedEvent) => Promise<readonly ParkedEventDetail[]>,
  ) {
    this.groups = new Map(groups.map((group) => [group.name, group]));
  }

  /**
   * @param heads the first events of their queues
   * @returns for each queue that still exists the results of its events, up to the first that fails
   * @throws TransientError when the outcome is unknown
   */
  async of(heads: readonly ParkedEvent[]): Promise<DryRunResult[][]> {
    // Planned as the batch path is. A connection of its own, so that its locks never hold up a batch on the same one.
    const connection = new Connection(this.databaseUrl, 'dry run', { enable_seqscan: 'off' });
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
    const { consumer } = queue[0]!;
    const group = this.groups.get(consumer);
    if (!group) return [failed(queue[0]!, `this service has no consumer group ${consumer}`)];
    // Decoded before the transaction begins, because decoding may request a schema from the registry.
    const incoming = await Promise.all(queue.map((event) => group.incomingOf({ ...event, record: recordOf(event) })));
    const results: DryRunResult[] = [];
    try {
      await connection.rolledBack(async (sql) => {
        for (const [index, event] of queue.entries()) {
          const one = incoming[index];
          if (one === undefined) results.push({ event, outcome: 'known', publishes: [], calls: [] });
          else {
            const { outcome, ...effects } = await group.dryRun(sql, one);
            results.push(resultOf(event, outcome, effects));
          }
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

const resultOf = (
  event: ParkedEvent,
  outcome: Outcome<unknown>,
  effects: Pick<DryRunResult, 'publishes' | 'calls'>,
): DryRunResult =>
  outcome.kind === 'parked'
    ? failed(event, outcome.reason)
    : { event, outcome: outcome.kind === 'duplicate' ? 'known' : 'handled', ...effects };

const failed = (event: ParkedEvent, reason: string): DryRunResult => ({
  event,
  outcome: 'fails',
  reason,
  publishes: [],
  calls: [],
});
