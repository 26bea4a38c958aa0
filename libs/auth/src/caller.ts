import { CUSTOMER_ID } from '@orderflow/contracts';
import type { JWTPayload } from 'jose';

const roles = ['customer', 'operator', 'admin', 'monitor'] as const;

export type Role = (typeof roles)[number];

const INCLUDED: Readonly<Record<Role, readonly Role[]>> = {
  customer: ['customer'],
  monitor: ['monitor'],
  operator: ['operator', 'monitor'],
  admin: ['admin', 'operator', 'monitor'],
};

/** The one who sends a request, by a verified token. */
export interface Caller {
  /** The claim `sub`: 1 to 64 printable ASCII characters. */
  readonly subject: string;
  /** Those of the claim `roles`, and those that they include: an admin is an operator too, and an operator a monitor. */
  readonly roles: readonly Role[];
  /** The claim `sub` of a customer. */
  readonly customerId?: string;
  /** When the token expires. */
  readonly expiresAt: Date;
  /** The token itself, to call other services in the caller's name. */
  readonly token: string;
}

const SUBJECT = /^[\x21-\x7e](?:[\x20-\x7e]{0,62}[\x21-\x7e])?$/;
// The year 9999, which every format can write.
const LATEST_MS = Date.UTC(9_999, 11, 31);

/** The caller of verified claims; undefined where `sub` is none that an audit log, or the id of a customer, can hold. */
export function callerOf({ sub, roles: claimed, exp = 0 }: JWTPayload, token: string): Caller | undefined {
  if (sub === undefined || !SUBJECT.test(sub)) return undefined;
  const given = roles.filter((role) => Array.isArray(claimed) && claimed.includes(role));
  const all = [...new Set(given.flatMap((role) => INCLUDED[role]))];
  const caller = { subject: sub, roles: all, expiresAt: new Date(Math.min(exp * 1_000, LATEST_MS)), token };
  if (!all.includes('customer')) return caller;
  return CUSTOMER_ID.test(sub) ? { ...caller, customerId: sub } : undefined;
}

/**
 * The customer to whose orders the caller is limited; undefined where there is no limit: for operators, and where `AUTH=off` knows no
 * callers.
 */
// guard: auth: a customer who is no operator is limited to own orders
export const limitedTo = (caller: Caller | undefined): string | undefined =>
  caller?.roles.includes('operator') ? undefined : caller?.customerId;
