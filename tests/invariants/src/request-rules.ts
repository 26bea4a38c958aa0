import { judged, nothing, rulesAbout } from './rule.ts';

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

const ruleOf = rulesAbout<RequestFacts>(({ accepted, order, key }) => accepted[0] ?? order?.orderId ?? key ?? '');

/** @param compare returns both sides, which must be equal; undefined where the rule does not apply */
const requestRule = (
  id: string,
  rule: string,
  compare: (facts: RequestFacts) => readonly [expected: unknown, found: unknown] | undefined,
) =>
  ruleOf(id, rule, (facts) => {
    const sides = compare(facts);
    if (sides === undefined) return nothing;
    const [expected, found] = sides.map(String) as [string, string];
    const holds = expected === found;
    return judged(holds, { requests: 1 }, { kept: holds ? 1 : 0 }, { expected, found });
  });

/** Rules about one request, once its customer has stopped asking. */
export const requestRules = [
  requestRule('request-answered', 'every request is answered', ({ key, accepted }) =>
    key !== undefined && accepted.length === 0 ? ['an answer', `none for the key ${key}`] : undefined,
  ),
  requestRule('request-once', 'an idempotency key has one order', ({ accepted }) =>
    accepted.length > 0 ? [accepted[0], accepted.join(', ')] : undefined,
  ),
  requestRule('request-kept', 'an accepted order exists', ({ accepted: [orderId], order }) =>
    orderId !== undefined ? [orderId, order?.orderId ?? 'none'] : undefined,
  ),
  requestRule('request-known', 'every order was placed by a customer', ({ key, order }) =>
    key === undefined ? ['a request', `none for ${order?.orderId}`] : undefined,
  ),
  requestRule('request-total', 'an order has the total that its customer was promised', ({ order, totalMinor }) =>
    order !== undefined && totalMinor !== undefined ? [totalMinor, order.totalMinor] : undefined,
  ),
  requestRule('request-cancelled', 'an accepted cancellation ends in a cancelled order', ({ cancelled, order }) =>
    cancelled && order !== undefined ? ['cancelled', order.status] : undefined,
  ),
];
