import { Loop } from '../base/loop.js';
import type { EventHandler } from '../consumer/event-handler.js';
import type { Dependencies } from '../definition/dependencies.js';
import type { Store } from '../store/store.js';
import type { ParkedRecord, ParkingTable } from './parking.js';

const POLL_MS = 500;
const AT_ONCE = 100;

/**
 * Retries parked records, the first of each subject's queue at a time, from the raw bytes on: a record that was undecodable
 * may be decodable after a deployment. When the first is handled, the next one follows.
 */
export class Redrive<Tx> extends Loop {
  constructor(
    private readonly parking: Pick<ParkingTable<Tx>, 'due'>,
    private readonly events: Pick<EventHandler, 'decode' | 'deliver'>,
    private readonly dependencies: Pick<Dependencies, 'clock' | 'log'> & {
      readonly store: Pick<Store<Tx>, 'database'>;
    },
  ) {
    super('redrive', POLL_MS, dependencies);
  }

  /** Retries the due records once. @returns true when there may be more */
  override async step(): Promise<boolean> {
    const due = await this.parking.due(this.dependencies.store.database, AT_ONCE);
    const outcomes = await Promise.all(due.map((parked) => this.retry(parked)));
    // The record behind one that is gone is due now.
    return outcomes.some((outcome) => outcome?.kind !== 'parked');
  }

  private async retry({ id, record }: ParkedRecord) {
    const [outcome] = await this.events.deliver([await this.events.decode(record)], id);
    return outcome;
  }
}
