import type { Position } from './offset-reader.js';

/** The end of every partition at a join, by `<topic>/<partition>`; undefined until it could be read. */
interface Join {
  ends?: ReadonlyMap<string, bigint>;
  isCaughtUp: boolean;
}

/** Tells whether a group has committed everything that was stored on its topics when this consumer last joined. */
export class CatchUp {
  #join: Join | undefined;

  /** @param positions of the whole group: a partition that another instance was given counts too */
  constructor(private readonly positions: () => Promise<readonly Position[]>) {}

  /** The consumer joined, or joined again: the ends of the partitions are read anew. */
  joined(): void {
    this.#join = { isCaughtUp: false };
    void this.caughtUp();
  }

  /** False also before the first join and while the broker does not answer. Never rejects. */
  async caughtUp(): Promise<boolean> {
    const join = this.#join;
    if (join === undefined || join.isCaughtUp) return join !== undefined;
    try {
      const positions = await this.positions();
      // Read late, the ends are further on than they were at the join: then the group has more to commit, never less.
      const ends = (join.ends ??= new Map(positions.map((position) => [nameOf(position), position.end])));
      join.isCaughtUp ||= positions.every((position) => position.next >= (ends.get(nameOf(position)) ?? 0n));
    } catch {
      return false;
    }
    return join.isCaughtUp && join === this.#join;
  }
}

const nameOf = ({ topic, partition }: Position): string => `${topic}/${partition}`;
