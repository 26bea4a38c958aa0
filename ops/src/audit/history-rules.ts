import type { OrderFacts, OrderRow } from './facts.ts';
import type { Rule } from './finding.ts';

export type OrderRule = Rule<OrderFacts>;

/** The parts of a rule that are the same for all that look at orders. */
export const orderRule = (rule: Omit<OrderRule, 'subjectOf'>): OrderRule => ({
  ...rule,
  subjectOf: ({ orderId }) => orderId,
});

/** The order, where it was placed and is over with all that this calls for. */
export const settledOf = ({ order }: OrderFacts): OrderRow | undefined =>
  order !== undefined && order.events > 0 && order.status !== null && order.settled === true ? order : undefined;

export const nothing = { expected: {}, found: {} };

const settled = orderRule({
  id: 'settled',
  rule: 'every order is settled, or younger than its deadline',
  judge({ order }, lateAfterSeconds) {
    if (order === undefined || order.events === 0) return nothing;
    if (order.settled) return { expected: { orders: 1 }, found: { settled: 1 } };
    const age = order.ageSeconds ?? Infinity;
    if (age <= lateAfterSeconds) return { expected: { orders: 1 }, found: { 'young ones': 1 } };
    return {
      expected: { orders: 1 },
      found: { 'late ones': 1 },
      broken: { expected: `settled within ${lateAfterSeconds} s`, found: `${order.status} for ${Math.round(age)} s` },
    };
  },
});

const versions = orderRule({
  id: 'versions',
  rule: 'versions have no gap, and the snapshot has the last one',
  judge({ order }) {
    if (order === undefined || order.events === 0) return nothing;
    const { events, firstVersion, lastVersion, version } = order;
    const figures = { expected: { versions: version ?? 0 }, found: { events } };
    if (firstVersion === 1 && events === lastVersion && version === lastVersion) return figures;
    const broken = {
      expected: `1 to ${lastVersion} in the history, ${lastVersion} in the snapshot`,
      found: `${events} from ${firstVersion} to ${lastVersion}, and ${version ?? 'none'}`,
    };
    return { ...figures, broken };
  },
});

const STATUS: Readonly<Record<string, string>> = {
  OrderPlaced: 'placed',
  OrderConfirmed: 'confirmed',
  OrderCancelled: 'cancelled',
};

const snapshot = orderRule({
  id: 'snapshot',
  rule: 'the snapshot of an order says what its history says',
  judge({ order }) {
    // That there is none breaks the rule about versions.
    if (order === undefined || order.events === 0 || order.version === null) return nothing;
    const { lastType, reason, placedMinor, status, cancelReason, totalMinor } = order;
    const expected = endingOf(STATUS[lastType ?? ''] ?? lastType, reason, placedMinor);
    const found = endingOf(status, cancelReason, totalMinor);
    const same = expected === found;
    const figures = { expected: { histories: 1 }, found: { 'snapshots alike': same ? 1 : 0 } };
    return same ? figures : { ...figures, broken: { expected, found } };
  },
});

const endingOf = (status: string | null | undefined, reason: string | null, totalMinor: number | null): string =>
  [status, ...(reason === null ? [] : [reason]), `total ${totalMinor}`].join(', ');

const viewHeard = orderRule({
  id: 'view-heard',
  rule: 'the view of a settled order has heard all that was said',
  judge(facts) {
    const order = settledOf(facts);
    if (order === undefined) return nothing;
    const { reservation, payment, notices } = facts;
    const said = [order.lastVersion, reservation?.sequence, payment?.sequence, notices?.sequence].map((it) => it ?? 0);
    const heard = [order.viewVersion, order.inventorySeq, order.paymentsSeq, order.notificationsSeq].map(
      (it) => it ?? 0,
    );
    const sum = (all: readonly number[]) => all.reduce((total, one) => total + one, 0);
    const figures = { expected: { 'events said': sum(said) }, found: { heard: sum(heard) } };
    if (said.join() === heard.join()) return figures;
    return { ...figures, broken: { expected: `said ${said.join(', ')}`, found: `heard ${heard.join(', ')}` } };
  },
});

const viewAgrees = orderRule({
  id: 'view-agrees',
  rule: 'the view of a settled order says what the services have on their books',
  judge(facts) {
    const order = settledOf(facts);
    if (order === undefined) return nothing;
    const { viewStatus, viewReason, viewStock, viewPayment } = order;
    const expected = [order.status, order.cancelReason, stockOf(facts, viewStock), paymentOf(facts)].join(', ');
    const found = [viewStatus, viewReason, viewStock, viewPayment].join(', ');
    const same = expected === found;
    const figures = { expected: { 'settled orders': 1 }, found: { 'views alike': same ? 1 : 0 } };
    return same ? figures : { ...figures, broken: { expected, found } };
  },
});

// Inventory does not keep why it rejected; the view says `none` where the order was cancelled before.
function stockOf({ reservation }: OrderFacts, viewed: string | null): string {
  const status = reservation?.status ?? 'none';
  return status === 'rejected' && viewed === 'none' ? 'none' : status;
}

const paymentOf = ({ payment }: OrderFacts): string => payment?.status ?? 'none';

export const historyRules: readonly OrderRule[] = [settled, versions, snapshot, viewHeard, viewAgrees];
