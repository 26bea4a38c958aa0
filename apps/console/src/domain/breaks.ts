import type { BreakName, BrokenPart, Healing } from '@orderflow/console-api';

type Part = BrokenPart['part'];

/** What `PUT /faults` of the sandbox switches on. */
interface Break {
  readonly part: Part;
  readonly fault: Readonly<Record<string, number | boolean>>;
}

export const breakOf: Readonly<Record<BreakName, Break>> = {
  'provider-away': { part: 'payments', fault: { outage: true } },
  'provider-errors': { part: 'payments', fault: { errorRate: 0.5 } },
  'provider-slow': { part: 'payments', fault: { delayMs: 3_000 } },
  'provider-declines': { part: 'payments', fault: { declineRate: 0.5 } },
  'mail-away': { part: 'mail', fault: { outage: true } },
  'mail-slow': { part: 'mail', fault: { delayMs: 3_000 } },
};

/** `GET /faults` of the sandbox, as far as it is read here. */
export interface Faults extends Record<Part, Readonly<Record<string, unknown>>> {
  readonly last: Readonly<Record<Part, { readonly since: string; readonly until: string | null } | null>>;
}

/** How a part of the outside world stands, without its healing. */
export type Standing = Omit<BrokenPart, 'healing'>;

export function standingOf(part: Part, faults: Faults, now: Date): Standing {
  const last = faults.last[part];
  const isBroken = last !== null && (last.until === null || new Date(last.until) > now);
  const fits = ([, { part: ofPart, fault }]: [string, Break]): boolean =>
    ofPart === part && Object.entries(fault).every(([name, value]) => faults[part][name] === value);
  const [name] = (isBroken && Object.entries(breakOf).find(fits)) || [];
  return {
    part,
    on: (name as BreakName | undefined) ?? null,
    isBroken,
    since: last?.since ?? null,
    until: last?.until ?? null,
  };
}

/** Orders that were under way at an instant. */
export interface Held {
  readonly held: number;
  /** Of these, the ones that are not settled yet. */
  readonly waiting: number;
  /** When the last of those that are settled was. */
  readonly lastSettledAt: Date | undefined;
}

export const healingOf = ({ held, waiting, lastSettledAt }: Held): Healing => ({
  held,
  waiting,
  healedAt: waiting > 0 ? null : (lastSettledAt?.toISOString() ?? null),
});
