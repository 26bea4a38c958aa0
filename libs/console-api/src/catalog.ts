import { z } from 'zod';
import { readingOf } from './flow.js';
import { instant, service } from './pieces.js';

/** One released schema of an event. */
export const catalogVersion = z.object({
  version: z.string().describe('Semver'),
  schema: z.record(z.string(), z.unknown()).describe('Of `data`: the .avsc file'),
  last: z
    .object({ at: instant, eventId: z.string() })
    .nullable()
    .describe('The newest event of this version in the journal: an example; null where there is none'),
});
export type CatalogVersion = z.output<typeof catalogVersion>;

/** A step of the saga table. */
export const catalogStep = z.object({
  at: service,
  on: z.array(z.string()).describe('Events, all of which are needed; empty where a request or a deadline triggers it'),
  trigger: z.string().nullable(),
  publishes: z.array(z.string()).describe('One of them'),
});
export type CatalogStep = z.output<typeof catalogStep>;

export const catalogEvent = z.object({
  type: z.string(),
  owner: service,
  consumers: z.array(service),
  topic: z.string().describe('Without prefix'),
  key: z.enum(['order', 'product']).describe('What the subject names, which is the key of the record'),
  isInSaga: z.boolean(),
  because: z.array(catalogStep).describe('The steps that publish it'),
  leadsTo: z.array(catalogStep).describe('The steps that it triggers, alone or with others'),
  undoes: z.array(z.string()).describe('The events whose effect it undoes'),
  undoneBy: z.array(z.string()),
  versions: z.array(catalogVersion).describe('The oldest first; the newest is what is published'),
});
export type CatalogEvent = z.output<typeof catalogEvent>;

export const registered = z.object({
  type: z.string(),
  rule: z.string().nullable().describe('By which the registry judges new versions; null where it does not tell'),
  schemaId: z.int().nullable().describe('Of the newest version in the registry; null where it is not registered'),
});
export type Registered = z.output<typeof registered>;

/** Every event of the system: who publishes it, who consumes it, in which shape. */
export const catalog = z
  .object({
    at: instant.nullable().describe('Null for now; `last` of each version is as of then'),
    events: z.array(catalogEvent),
    registry: readingOf(z.array(registered)),
  })
  .meta({ id: 'Catalog' });
export type Catalog = z.output<typeof catalog>;
