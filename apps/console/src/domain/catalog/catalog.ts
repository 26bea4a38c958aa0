import type { Catalog, CatalogEvent, CatalogStep, Reading, Registered } from '@orderflow/console-api';
import {
  eventsInto,
  eventSchemas,
  type EventType,
  orderSaga,
  type SagaStep,
  type Service,
  subjectKindOf,
  topicOf,
  versionsOf,
} from '@orderflow/contracts';
import { eventTypes } from '../flow/graph.js';

/** The newest event of one version in the journal. */
export interface LastEvent {
  readonly type: string;
  readonly version: string;
  readonly eventId: string;
  readonly at: Date;
}

/** The token by which a controller gets what the catalog cannot know by itself: http/ and adapters/ do not import each other. */
export const Sightings = Symbol('Sightings');

export interface Sightings {
  /**
   * The newest event of each version, up to an instant if one is given.
   * @throws TransientError when the journal does not answer
   */
  lastEvents(at: Date | undefined): Promise<readonly LastEvent[]>;
  /** What the registry says of each event. Never rejects. */
  registered(): Promise<Reading<Registered[]>>;
}

const steps: readonly SagaStep[] = orderSaga;

/** The catalog: the saga table and the released schemas, with what was seen of them. */
export async function shownCatalog(sightings: Sightings, at: Date | undefined): Promise<Catalog> {
  const [last, registry] = await Promise.all([
    sightings.lastEvents(at),
    at === undefined ? sightings.registered() : ({ state: 'not_kept' } as const),
  ]);
  return { at: at?.toISOString() ?? null, events: eventTypes.map((type) => shownEvent(type, last)), registry };
}

function shownEvent(type: EventType, last: readonly LastEvent[]): CatalogEvent {
  const because = steps.filter(({ publishes }) => publishes.includes(type));
  const leadsTo = steps.filter((step) => eventsInto(step).includes(type));
  return {
    type,
    owner: eventSchemas[type].owner,
    consumers: [...new Set(leadsTo.map(({ at }): Service => at))],
    topic: topicOf(type),
    key: subjectKindOf(type),
    isInSaga: subjectKindOf(type) === 'order',
    because: because.map(shownStep),
    leadsTo: leadsTo.filter(({ publishes }) => publishes.length > 0).map(shownStep),
    undoes: [...new Set(because.flatMap(({ compensates }) => compensates ?? []))],
    undoneBy: steps.flatMap(({ compensates, publishes }) => (compensates === type ? publishes : [])),
    versions: versionsOf(type).map(({ version, schema }) => {
      const seen = last.find((it) => it.type === type && it.version === version);
      return {
        version,
        schema: { ...schema },
        last: seen ? { at: seen.at.toISOString(), eventId: seen.eventId } : null,
      };
    }),
  };
}

const shownStep = (step: SagaStep): CatalogStep => ({
  at: step.at,
  on: [...eventsInto(step)],
  trigger: 'trigger' in step ? step.trigger : null,
  publishes: [...step.publishes],
});
