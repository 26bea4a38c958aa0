import { Inject, Injectable } from '@nestjs/common';
import { MOST_COUNTED, type OrderTroubles, type Trouble } from '@orderflow/console-api';
import { Problem } from '@orderflow/http';
import { Clock } from '../domain/clock.js';
import { Journal } from '../domain/journal.js';
import { Letters } from '../domain/letters/letters.js';
import { parkedOrders, type TroubledOrders, troubledOrders } from '../domain/troubles.js';
import { ConsoleSettings } from './console-settings.js';

/** What a healthy system needs after the deadline; observability/prometheus/alerts.yml says why. */
const SETTLING_MS = 30_000;

const NOT_KEPT = 'The services keep what is parked as it is now: with at, trouble is overdue.';
const NO_DEADLINE = 'The console does not know the deadline: ORDER_DEADLINE_SECONDS is not set.';

/** Which orders are in trouble: by the journal those that are late, by the services those of which something is parked. */
@Injectable()
export class Troubles {
  constructor(
    @Inject(Journal) private readonly journal: Journal,
    @Inject(Letters) private readonly letters: Letters,
    @Inject(Clock) private readonly clock: Clock,
    private readonly settings: ConsoleSettings,
  ) {}

  /** The orders of a list. @throws Problem 422 for what is not known */
  async of(trouble: Trouble, at: Date | undefined): Promise<TroubledOrders> {
    const overdueSince = this.overdueSince(at);
    if (trouble === 'overdue' && overdueSince === undefined) throw new Problem(422, 'unprocessable', NO_DEADLINE);
    if (trouble === 'overdue') return { overdueSince };
    if (at !== undefined) throw new Problem(422, 'unprocessable', NOT_KEPT);
    return troubledOrders(trouble, parkedOrders(await this.letters.overview()), overdueSince);
  }

  async counts(at: Date | undefined): Promise<OrderTroubles> {
    const overdueSince = this.overdueSince(at);
    const overview = at === undefined ? await this.letters.overview() : { groups: [], services: [] };
    const counts = await this.journal.countTroubled({ overdueSince, at, ...parkedOrders(overview) }, MOST_COUNTED);
    const ofNow = (count: number): number | null => (at === undefined ? count : null);
    return {
      any: ofNow(counts.any),
      overdue: overdueSince === undefined ? null : counts.overdue,
      parked: ofNow(counts.parked),
      dead: ofNow(counts.dead),
      silent: overview.services.filter(({ refusal }) => refusal !== null).map(({ service }) => service),
    };
  }

  /** Orders that were placed up to then should be settled; undefined where the deadline is not known. */
  private overdueSince(at = new Date(this.clock.now())): Date | undefined {
    const { orderDeadlineSeconds } = this.settings;
    if (orderDeadlineSeconds === undefined) return undefined;
    return new Date(at.getTime() - orderDeadlineSeconds * 1_000 - SETTLING_MS);
  }
}
