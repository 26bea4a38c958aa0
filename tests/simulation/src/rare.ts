/** Paths that the simulation exists for: runs that never take one of them prove nothing about it. */
export const rarePaths = [
  'a late capture after the cancellation',
  'a commit whose answer was lost',
  'a send whose outcome was unknown',
  'a send of which a part was stored',
  'a row rejected',
  'a record parked',
  'an event that waited behind a parked one',
  'a parked order drained',
  'a duplicate dropped',
  'a zombie found its events handled',
  'a zombie could not commit its offsets',
  'a session ended under its transaction',
  'a conflict, run again',
  'a relay took over a shard',
  'a call taken over after its lease',
  'a provider that was asked again',
  'a reservation consumed before its order',
  'a deadline passed',
  'a customer cancelled in time',
  'a customer cancelled too late',
  'an order out of stock',
  'a payment declined',
  'a request answered from what was there',
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
