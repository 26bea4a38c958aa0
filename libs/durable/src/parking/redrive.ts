import { Loop } from '../base/loop.js';
import type { EventHandler } from '../consumer/event-handler.js';
import type { Dependencies } from '../definition/dependencies.js';
import type { Store } from '../store/store.js';
import type { ParkedRecord, ParkingTable } from './parking.js';

const POLL_MS = 500;
const AT_ONCE = 100;
const WAKE_MS = 60_000;

/**
 * Retries parked records, the first of each subject's queue at a time, from the raw bytes on: a record that was undecodable
 * may be decodable after a deployment. When the first is handled, the next one follows.
 */
export class Redrive<Tx> extends Loop {
  private nextWake = 0;

  constructor(
    private readonly parking: Pick<ParkingTable<Tx>, 'due' | 'putBack' | 'unpark' | 'wake'>,
    private readonly events: Pick<EventHandler, 'decode' | 'deliver'>,
    private readonly dependencies: Pick<Dependencies, 'clock' | 'log'> & {
      readonly store: Pick<Store<Tx>, 'database'>;
    },
  ) {
    super('redrive', POLL_MS, dependencies);
  }

  /** Retries the due records once. @returns true when there may be more */
  override async step(): Promise<boolean> {
    const { database } = this.dependencies.store;
    await this.wakeForgotten();
    const due = await this.parking.due(database, AT_ONCE);
    const results = await Promise.allSettled(due.map((parked) => this.retry(parked)));
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) {
      await this.parking.putBack(
        database,
        due.filter((_, i) => results[i]!.status === 'rejected').map(({ id }) => id),
      );
      throw failed.reason;
    }
    // More than fit into one round may be due, and the record behind one that is gone.
    return due.length > 0;
  }

  private async retry({ id, record }: ParkedRecord): Promise<void> {
    const delivery = await this.events.decode(record);
    // Parked by a version that had a reaction to its type, or that did not drop foreign types.
    if (delivery === undefined) return this.parking.unpark(this.dependencies.store.database, [id]);
    await this.events.deliver([delivery], id);
  }

  private async wakeForgotten(): Promise<void> {
    const now = this.dependencies.clock.elapsed();
    if (now < this.nextWake) return;
    this.nextWake = now + WAKE_MS;
    await this.parking.wake(this.dependencies.store.database);
  }
}
