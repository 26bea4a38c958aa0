import { StartError } from '@orderflow/config';
import type { ServiceTypes } from '@orderflow/decider';
import { isRefusedByDatabase, reasonOf } from '../base/failures.js';
import type { Published } from './own-events.js';

/**
 * Takes events back although each partition is read by itself, so that an event may come before the one that made room for it:
 * an order gets the stock that another one has released. The database refuses it then, and it is held, with the later events of
 * its subject. In the end all of them find their place where what the service has published is whole.
 */
export class TakenBack<T extends ServiceTypes> {
  /** By subject, in their order. */
  private readonly held = new Map<string, readonly Published<T>[]>();
  private refusal: unknown;

  /** @param take takes all of these events back, or none */
  constructor(private readonly take: (events: readonly Published<T>[]) => Promise<void>) {}

  /** @throws an error that is no refusal of the database: nothing is held for it */
  async add(events: readonly Published<T>[]): Promise<void> {
    const subjects = [...new Set(events.map(subjectOf))];
    // An order that was reserved and released takes no stock: together they may be taken where the first one alone is refused.
    const all = [...subjects.flatMap((subject) => this.held.get(subject) ?? []), ...events];
    for (const subject of subjects) this.held.delete(subject);
    if (await this.isTaken(all)) return;
    for (const [subject, own] of Map.groupBy(all, subjectOf))
      if (!(await this.isTaken(own))) this.held.set(subject, own);
  }

  /** Takes back what is held. @throws StartError when the database refuses some of it all the same; everything else is taken */
  async end(): Promise<void> {
    let before = Infinity;
    while (this.held.size > 0 && this.held.size < before) {
      before = this.held.size;
      const all = [...this.held.values()].flat();
      this.held.clear();
      await this.add(all);
    }
    const [first] = [...this.held.values()].flat();
    if (first === undefined) return;
    const { type, subject } = first.event;
    throw new StartError(
      `events of ${this.held.size} subjects cannot be taken back, ${type} of ${subject} among them: ${reasonOf(this.refusal)}; all others are. Do not start the service before these are`,
    );
  }

  private async isTaken(events: readonly Published<T>[]): Promise<boolean> {
    try {
      await this.take(events);
      return true;
    } catch (error) {
      if (!isRefusedByDatabase(error)) throw error;
      this.refusal = error;
      return false;
    }
  }
}

const subjectOf = <T extends ServiceTypes>({ event }: Published<T>): string => event.subject;
