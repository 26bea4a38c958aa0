/** Situations that the simulation exists for. A full run that never takes one of them proves nothing about it. */
export const rarePaths = [
  'a late capture after the cancellation',
  'a commit whose answer was lost',
  'a send whose outcome was unknown',
  'a send of which a part was stored',
  'an outbox row rejected',
  'a record parked',
  'an event that waited behind a parked one',
  'a parked record processed',
  'a duplicate dropped',
  'a zombie found its events handled',
  'a zombie could not commit its offsets',
  'a session ended under its transaction',
  'a conflicting transaction repeated',
  'a relay took over a shard',
  'a call taken over after its lease',
  'a charge requested again',
  'a reservation consumed before its order',
  'a deadline passed',
  'a deadline waited for events that had arrived',
  'a customer cancelled in time',
  'a customer cancelled too late',
  'an order out of stock',
  'a payment declined',
  'a repeated request answered',
  'an order that cost nothing',
  'a free order cancelled too late',
  'an order with a SKU in two lines',
] as const;

export type RarePath = (typeof rarePaths)[number];

export class RareCounts {
  private readonly counts = new Map<RarePath, number>(rarePaths.map((path) => [path, 0]));

  add(path: RarePath): void {
    this.counts.set(path, this.counts.get(path)! + 1);
  }

  get never(): RarePath[] {
    return rarePaths.filter((path) => this.counts.get(path) === 0);
  }

  toString(): string {
    return [...this.counts].map(([path, count]) => `${String(count).padStart(8)}  ${path}`).join('\n');
  }
}
