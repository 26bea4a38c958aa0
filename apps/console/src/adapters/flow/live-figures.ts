import { type FlowRates, type GroupLag, outboxState, type OutboxState, type Reading } from '@orderflow/console-api';
import { consumerGroups, type Service, services } from '@orderflow/contracts';
import { type Log, reasonOf } from '@orderflow/durable';
import type { Broker } from '@orderflow/kafka';
import { propagationHeaders } from '@orderflow/telemetry';
import { bearer } from '../../domain/acting.js';
import type { Figures } from '../../domain/flow/figures.js';
import { eventTypes } from '../../domain/flow/graph.js';
import { ratesOf, spanBefore } from '../../domain/flow/rates.js';
import { SharedReading } from './shared-reading.js';
import { openPlaces, type OpenRecords } from './open-records.js';
import type { Tallies } from './tallies.js';

/** A service that takes longer is not waited for: its connections would pile up. */
const OUTBOX_TIMEOUT_MS = 1_500;
// The last second is left out: the clocks of broker and console differ a little, and a second is counted once.
const MARGIN_MS = 1_000;

interface Parts {
  readonly broker: Pick<Broker, 'lagOf'>;
  readonly tallies: Tallies;
  readonly openRecords: OpenRecords;
  /** See {@link Journal.through}. */
  readonly through: () => Promise<Date>;
  readonly prefix: string;
  /** Base URL of each service. */
  readonly urls: Readonly<Record<Service, string>>;
  /** With which the services are asked; none where AUTH is off. */
  readonly token?: string | undefined;
  readonly log: Pick<Log, 'warn'>;
}

/** Rates from the journal, lag from the broker, outboxes from the services. Each is asked once a second for all pages. */
export class LiveFigures implements Figures {
  private readonly shared: SharedReading<FlowRates>;
  private readonly outboxes: ReadonlyMap<Service, SharedReading<OutboxState>>;
  private readonly lags: ReadonlyMap<string, SharedReading<GroupLag>>;

  constructor(private readonly parts: Parts) {
    this.shared = this.reading('rates', 'the journal or the broker does not answer', () => this.ratesNow());
    this.outboxes = new Map(
      services.map((service) => [
        service,
        this.reading(`outbox of ${service}`, `${service} does not answer`, () =>
          readOutbox(parts.urls[service], parts.token),
        ),
      ]),
    );
    this.lags = new Map(
      consumerGroups.map(({ group, topics }) => [
        group,
        this.reading(`lag of ${group}`, 'the broker does not answer', () => this.readLag(group, topics)),
      ]),
    );
  }

  rates(): Promise<Reading<FlowRates>> {
    return this.shared.read();
  }

  async ratesAt(at: Date): Promise<FlowRates> {
    const through = await this.parts.through();
    const span = spanBefore(at <= through ? at : through);
    return shown(await this.parts.tallies.between(span), span, at <= through);
  }

  outboxOf(service: Service): Promise<Reading<OutboxState>> {
    return this.outboxes.get(service)!.read();
  }

  lagOf(group: string): Promise<Reading<GroupLag>> {
    return this.lags.get(group)!.read();
  }

  private async ratesNow(): Promise<FlowRates> {
    const now = Date.now();
    const through = await this.parts.through();
    const span = spanBefore(new Date(through.getTime() - MARGIN_MS));
    return shown(await this.parts.tallies.next(span), span, now - through.getTime() <= 2 * MARGIN_MS);
  }

  private async readLag(group: string, names: readonly string[]): Promise<GroupLag> {
    const { broker, openRecords, prefix } = this.parts;
    const lags = await broker.lagOf(
      prefix + group,
      names.map((name) => prefix + name),
    );
    const sum = (of: readonly { records: number }[]) => of.reduce((total, { records }) => total + records, 0);
    return {
      records: sum(lags),
      expired: lags.reduce((total, { expired }) => total + expired, 0),
      oldestAt: (await openRecords.oldest(openPlaces(lags, prefix)))?.toISOString() ?? null,
      topics: names.map((topic) => ({ topic, records: sum(lags.filter((lag) => lag.topic === prefix + topic)) })),
    };
  }

  private reading<T>(figure: string, why: string, ask: () => Promise<T>): SharedReading<T> {
    const onSilence = (error: unknown) =>
      this.parts.log.warn({ figure, reason: reasonOf(error) }, 'a figure is not known');
    return new SharedReading({ ask, why, onSilence });
  }
}

const shown = (
  tallies: Parameters<typeof ratesOf>[1],
  span: Parameters<typeof ratesOf>[2],
  complete: boolean,
): FlowRates => ({
  seconds: span.until - span.from,
  until: new Date(span.until * 1000).toISOString(),
  complete,
  events: ratesOf(eventTypes, tallies, span),
});

/** @throws Error without a valid answer in time */
async function readOutbox(url: string, token: string | undefined): Promise<OutboxState> {
  const signal = AbortSignal.timeout(OUTBOX_TIMEOUT_MS);
  const answer = await fetch(`${url}/outbox`, { headers: { ...propagationHeaders(), ...bearer(token) }, signal });
  if (!answer.ok) throw new Error(`GET /outbox answers ${answer.status}`);
  return outboxState.parse(await answer.json());
}
