import { isDeepStrictEqual } from 'node:util';
import type { Snapshots } from '../definition/service-definition.js';
import { NO_ORDER } from '../recovery/kept-events.js';
import type { PostgresStore } from '../store/postgres-store.js';
import type { Pair } from './pair.js';
import type { OnProgress } from './rebuild.js';

const PAGE = 200;
const NAMED = 100;

export interface RebuiltSnapshots {
  readonly compared: number;
  /** Snapshots that are missing, or are not the fold of their events. */
  readonly wrong: number;
  /** The first of them. */
  readonly named: readonly Pair[];
  /** Snapshots whose events are missing: nothing says what they should be. */
  readonly unexplained: readonly string[];
  readonly replaced: number;
}

/**
 * Compares each snapshot with the fold of its events, and replaces wrong ones in their place: a subject is locked, and no other
 * waits. There is no second table, since snapshot and events are committed together and nothing is to be caught up with.
 */
export class SnapshotRebuild {
  constructor(
    private readonly service: string,
    private readonly snapshots: Snapshots,
    private readonly store: Pick<PostgresStore, 'batches'>,
  ) {}

  /** @param isDryRun compares only */
  async run(isDryRun: boolean, onProgress: OnProgress): Promise<RebuiltSnapshots> {
    const connection = this.store.batches(`${this.service} rebuild`);
    const named: Pair[] = [];
    const unexplained: string[] = [];
    let [compared, wrong, replaced] = [0, 0, 0];
    try {
      const total = await connection.session((sql) => this.snapshots.count(sql));
      for (let after = NO_ORDER; ;) {
        const page = await connection.session((sql) => this.snapshots.page(sql, after, PAGE));
        if (page.length === 0) return { compared, wrong, named, unexplained, replaced };
        const unequal = page.filter(({ live, rebuilt }) => !isDeepStrictEqual(live, rebuilt));
        unexplained.push(...unequal.filter(({ rebuilt }) => rebuilt === null).map(({ key }) => key));
        const toReplace = unequal.filter(({ rebuilt }) => rebuilt !== null);
        named.push(...toReplace.slice(0, NAMED - named.length));
        wrong += toReplace.length;
        if (!isDryRun && toReplace.length > 0) {
          const keys = toReplace.map(({ key }) => key);
          replaced += await connection.transaction((sql) => this.snapshots.replace(sql, keys));
        }
        compared += page.length;
        onProgress('compare', compared, Math.max(total, compared));
        after = page.at(-1)!.key;
      }
    } finally {
      await connection.end();
    }
  }
}
