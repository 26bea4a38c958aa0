import type { Delivery, RawRecord } from '@orderflow/kafka';
import { Loop } from '../base/loop.js';
import type { ParkedRecord } from './parking.js';
import type { Outcome } from '../definition/service.js';
import type { Sql } from '../store/sql.js';
import type { ParkingTable } from '../store/store.js';

const POLL_MS = 500;
const AT_ONCE = 100;

/**
 * Tries parked records again, the head of each subject's queue at a time, from the raw bytes on: what could not be read
 * yesterday may be readable today. Once a head is handled, what waited behind it follows.
 */
export class Redrive<Tx = Sql> {
  private readonly loop: Loop;

  constructor(
    private readonly parking: Pick<ParkingTable<Tx>, 'due'>,
    private readonly database: Tx,
    private readonly read: (record: RawRecord) => Delivery | Promise<Delivery>,
    private readonly deliver: (delivery: Delivery, parkedId: string) => Promise<Outcome<unknown>>,
    onError: (reason: string) => void,
  ) {
    this.loop = new Loop(() => this.step(), POLL_MS, onError);
  }

  start(): void {
    this.loop.start();
  }

  async stop(): Promise<void> {
    await this.loop.stop();
  }

  /** Tries once what is due. @returns true when there may be more */
  async step(): Promise<boolean> {
    const due = await this.parking.due(this.database, AT_ONCE);
    const outcomes = await Promise.all(due.map((parked) => this.retry(parked)));
    // What was behind a head that is gone is due now.
    return outcomes.some(({ kind }) => kind !== 'parked');
  }

  private async retry({ id, record }: ParkedRecord): Promise<Outcome<unknown>> {
    return this.deliver(await this.read(record), id);
  }
}
