import type { Flow, Reading } from '@orderflow/console-api';
import { consumerGroups } from '@orderflow/contracts';
import type { Figures } from './figures.js';
import { eventTopics, producers } from './graph.js';

const NOT_KEPT = { state: 'not_kept' } as const;

/** The graph with its figures of now, or with the rates of an instant in the past: nothing else is kept of it. */
export async function shownFlow(figures: Figures, at: Date | undefined): Promise<Flow> {
  const orNotKept = async <T>(read: () => Promise<Reading<T>>): Promise<Reading<T>> =>
    at === undefined ? read() : NOT_KEPT;
  const [rates, shownProducers, shownGroups] = await Promise.all([
    at === undefined ? figures.rates() : ratesThen(figures, at),
    Promise.all(
      producers.map(async ({ service, topics }) => ({
        service,
        topics: [...topics],
        outbox: await orNotKept(() => figures.outboxOf(service)),
      })),
    ),
    Promise.all(
      consumerGroups.map(async ({ group, program, topics }) => ({
        group,
        program,
        topics: [...topics],
        lag: await orNotKept(() => figures.lagOf(group)),
      })),
    ),
  ]);
  const topics = eventTopics.map(({ topic, events }) => ({ topic, events: [...events] }));
  return { at: at?.toISOString() ?? null, rates, producers: shownProducers, topics, groups: shownGroups };
}

const ratesThen = async (figures: Figures, at: Date): Promise<Flow['rates']> => ({
  state: 'known',
  at: at.toISOString(),
  value: await figures.ratesAt(at),
});
