import { judged, nothing, type Rule } from './rule.ts';

/** A request to place an order, what its customer was promised, and what became of it. */
export interface RequestFacts {
  /** Idempotency key; absent for an order that no customer placed. */
  readonly key?: string;
  /** Orders that its answers (202) named. */
  readonly accepted: readonly string[];
  /** Total of the answer in minor units; absent without an answer. */
  readonly totalMinor?: number;
  /** Whether a cancellation was answered with 202. */
  readonly cancelled: boolean;
  /** The order as orders has it. */
  readonly order?: { readonly orderId: string; readonly status: string | null; readonly totalMinor: number | null };
}

type RequestRule = Rule<RequestFacts>;

const subjectOf = ({ accepted, order, key }: RequestFacts): string => accepted[0] ?? order?.orderId ?? key ?? '';

const requestRule = (
  id: string,
  rule: string,
  /** Undefined where the rule does not apply. */
  compare: (facts: RequestFacts) => { holds: boolean; expected: string; found: string } | undefined,
): RequestRule => ({
  id,
  rule,
  subjectOf,
  judge(facts) {
    const compared = compare(facts);
    if (compared === undefined) return nothing;
    const { holds, expected, found } = compared;
    return judged(holds, { expected: { requests: 1 }, found: { kept: holds ? 1 : 0 } }, { expected, found });
  },
});

/** Rules about one request, once its customer has stopped asking. */
export const requestRules: readonly RequestRule[] = [
  requestRule('request-answered', 'every request is answered', ({ key, accepted }) =>
    key === undefined
      ? undefined
      : { holds: accepted.length > 0, expected: 'an answer', found: `none for the key ${key}` },
  ),
  requestRule('request-once', 'an idempotency key has one order', ({ key, accepted }) => ({
    holds: accepted.length < 2,
    expected: '1 order',
    found: `the key ${key} has the orders ${accepted.join(', ')}`,
  })),
  requestRule('request-kept', 'an accepted order exists', ({ accepted, order }) =>
    accepted.length === 0 ? undefined : { holds: order !== undefined, expected: 'the order', found: 'none' },
  ),
  requestRule('request-known', 'every order was placed by a customer', ({ key }) => ({
    holds: key !== undefined,
    expected: 'a request',
    found: 'none',
  })),
  requestRule('request-total', 'an order has the total that its customer was promised', ({ order, totalMinor }) =>
    order === undefined || totalMinor === undefined
      ? undefined
      : { holds: order.totalMinor === totalMinor, expected: `${totalMinor}`, found: `${order.totalMinor}` },
  ),
  requestRule('request-cancelled', 'an accepted cancellation ends in a cancelled order', ({ cancelled, order }) =>
    !cancelled || order === undefined
      ? undefined
      : { holds: order.status === 'cancelled', expected: 'cancelled', found: `${order.status}` },
  ),
];
