import type { Catalog, CatalogEvent, CatalogVersion, Registered } from '@orderflow/console-api';

/** The version that is published. */
export const newestOf = ({ versions }: CatalogEvent): CatalogVersion => versions.at(-1)!;

/** The newest event of all versions. */
export const lastOf = ({ versions }: CatalogEvent): CatalogVersion['last'] =>
  versions.reduce<CatalogVersion['last']>(
    (newest, { last }) => (last && (!newest || last.at > newest.at) ? last : newest),
    null,
  );

export const RULE = 'FULL_TRANSITIVE';

/** What the registry says of one event; undefined while it is not known. */
export const registeredOf = ({ registry }: Catalog, type: string): Registered | undefined =>
  registry.state === 'known' ? registry.value.find((it) => it.type === type) : undefined;

/** Where the sources of the catalog contradict each other, or are not known. */
export function warningsOf({ registry }: Catalog, timeOf: (at: string) => string): string[] {
  if (registry.state === 'not_kept') return [];
  if (registry.state === 'unknown')
    return [
      `Not known since ${timeOf(registry.since)}: the rules of compatibility. The schema registry does not answer.`,
    ];
  const missing = registry.value.filter(({ schemaId }) => schemaId === null).map(({ type }) => type);
  const lax = registry.value.filter(({ rule }) => rule !== RULE);
  return [
    ...(missing.length > 0 ? [`The schema registry has not the newest version of ${missing.join(', ')}.`] : []),
    ...(lax.length > 0
      ? [
          `The schema registry does not demand ${RULE} of ${lax.map(({ type, rule }) => `${type} (${rule ?? 'no rule'})`).join(', ')}.`,
        ]
      : []),
  ];
}
