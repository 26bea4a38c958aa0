import type { Service } from '@orderflow/contracts';
import { Loop } from '../base/loop.js';
import type { Dependencies } from '../definition/dependencies.js';
import type { Sql } from '../store/sql.js';
import type { Transactions } from '../store/store.js';
import { appendKept } from './append-kept.js';
import type { KeptEvents } from './kept-events.js';

// Less than `min.compaction.lag.ms` of the topics, within which they keep every record of a key.
const AGAIN_MS = 12 * 3600 * 1000;
const SUBJECTS_AT_ONCE = 200;

/**
 * Publishes the newest event of each subject of a compacted topic again, at the start and twice a day. A relay that was stopped
 * in the middle of a request can store an old event after the newest one, and compaction would keep the old one for ever.
 * Consumers drop the copies by their ids, and take the highest number.
 */
export class NewestAgain<Tx = Sql> extends Loop {
  private readonly connection: Transactions<Tx>;

  constructor(
    private readonly service: Service,
    private readonly tables: readonly KeptEvents<Tx>[],
    private readonly dependencies: Pick<Dependencies<Tx>, 'store' | 'codec' | 'settings' | 'clock' | 'log'>,
  ) {
    super('newest events again', AGAIN_MS, dependencies);
    this.connection = dependencies.store.batches(`${service} again`);
  }

  override async step(): Promise<boolean> {
    for (const table of this.tables)
      for (let after: string | undefined, more = true; more;) {
        const page = await this.connection.transaction(async (tx) => {
          const subjects = await table.page(tx, after, SUBJECTS_AT_ONCE);
          const { unreadable } = await appendKept(tx, subjects, this.service, this.dependencies);
          for (const line of unreadable) this.dependencies.log.warn({}, `cannot be published again: ${line}`);
          return subjects;
        });
        after = page.at(-1)?.subject;
        more = page.length === SUBJECTS_AT_ONCE;
      }
    return false;
  }

  override async stop(): Promise<void> {
    await super.stop();
    await this.connection.end();
  }
}
