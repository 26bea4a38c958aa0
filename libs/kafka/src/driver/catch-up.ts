import { partitionName } from '../partition-name.js';
import type { Range } from './offset-reader.js';

/** The partitions as they were at a join; undefined until they could be read. */
interface Join {
  ranges?: readonly Range[];
}

/** Tells whether a group has consumed everything that was stored on its topics when this consumer last joined. */
export class CatchUp {
  #join: Join | undefined;

  /**
   * @param ranges every partition of the topics
   * @param nexts by `<topic>/<partition>` the next offset that the group consumes, whichever instance was given the partition
   */
  constructor(
    private readonly ranges: () => Promise<readonly Range[]>,
    private readonly nexts: () => Promise<ReadonlyMap<string, bigint>>,
  ) {}

  /** The consumer joined, or joined again: the partitions are read anew. */
  joined(): void {
    this.#join = {};
    void this.caughtUp();
  }

  /** False also before the first join, and while partitions or offsets cannot be read. Never rejects. */
  async caughtUp(): Promise<boolean> {
    const join = this.#join;
    if (join === undefined) return false;
    try {
      // Read late, the ends are further on than they were at the join: then the group has more to consume, never less.
      const ranges = (join.ranges ??= await this.ranges());
      // Asked each time: the store of the offsets may have been restored to an earlier point since.
      const nexts = await this.nexts();
      return (
        join === this.#join && ranges.every((range) => (nexts.get(partitionName(range)) ?? range.low) >= range.end)
      );
    } catch {
      // The reader of the health check asks again.
      return false;
    }
  }
}
