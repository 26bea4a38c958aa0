/** A vulnerability that this repository lives with, until a day. */
export interface Accepted {
  /** Of the advisory, as in `GHSA-xxxx-xxxx-xxxx`. */
  readonly id: string;
  /** Why it does no harm here. */
  readonly reason: string;
  /** The day on which it has to be looked at again, as in `2027-01-31`. */
  readonly until: string;
}

/** The part of `npm audit --json` that is read here. */
export interface AuditReport {
  readonly vulnerabilities?: Readonly<
    Record<string, { readonly via: readonly (string | { readonly url: string; readonly title: string })[] }>
  >;
}

/**
 * @param today as in `2026-11-30`
 * @returns the findings that are not accepted, acceptances that are over, and those without a finding, a line each
 */
export function faultsOfAudit({ vulnerabilities = {} }: AuditReport, accepted: readonly Accepted[], today: string) {
  const found = new Map<string, string>();
  for (const [name, { via }] of Object.entries(vulnerabilities))
    for (const advisory of via) {
      // A text names the package through which this one is affected.
      if (typeof advisory === 'string') continue;
      found.set(advisory.url.slice(advisory.url.lastIndexOf('/') + 1), `${name}: ${advisory.title}, ${advisory.url}`);
    }
  const known = new Map(accepted.map((it) => [it.id, it]));
  return [
    ...[...found].filter(([id]) => !known.has(id)).map(([, line]) => line),
    ...accepted.filter(({ until }) => until < today).map(({ id, until }) => `${id} was accepted until ${until}`),
    ...accepted.filter(({ id }) => !found.has(id)).map(({ id }) => `${id} is accepted, and no longer found`),
  ];
}
