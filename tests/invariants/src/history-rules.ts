import { type OrderFacts, settledOf } from './order-facts.ts';
import { judged, nothing, type Rule } from './rule.ts';

type OrderRule = Rule<OrderFacts>;

const subjectOf = ({ orderId }: OrderFacts): string => orderId;

const settled: OrderRule = {
  id: 'settled',
  rule: 'every order is settled, or younger than its deadline',
  subjectOf,
  judge({ history, snapshot, view, lateAfterSeconds }) {
    if (history === undefined) return nothing;
    const expected = { orders: 1 };
    if (view?.settled) return { expected, found: { settled: 1 } };
    const { ageSeconds } = history;
    if (ageSeconds <= lateAfterSeconds) return { expected, found: { 'young ones': 1 } };
    const broken = {
      expected: `settled within ${lateAfterSeconds} s`,
      found: `${snapshot?.status ?? 'no snapshot'} for ${Math.round(ageSeconds)} s`,
    };
    return { expected, found: { 'late ones': 1 }, broken };
  },
};

const versions: OrderRule = {
  id: 'versions',
  rule: 'versions have no gap, and the snapshot has the last one',
  subjectOf,
  judge({ history, snapshot }) {
    if (history === undefined) return nothing;
    const { events, firstVersion, lastVersion } = history;
    const version = snapshot?.version;
    return judged(
      firstVersion === 1 && events === lastVersion && version === lastVersion,
      { expected: { versions: version ?? 0 }, found: { events } },
      {
        expected: `1 to ${lastVersion} in the history, ${lastVersion} in the snapshot`,
        found: `${events} from ${firstVersion} to ${lastVersion}, and ${version ?? 'none'}`,
      },
    );
  },
};

const statusAfter: Readonly<Record<string, string>> = {
  OrderPlaced: 'placed',
  OrderConfirmed: 'confirmed',
  OrderCancelled: 'cancelled',
};

const outcomeOf = (status: string, reason: string | null, totalMinor: number | null): string =>
  [status, ...(reason === null ? [] : [reason]), `total ${totalMinor}`].join(', ');

const snapshot: OrderRule = {
  id: 'snapshot',
  rule: 'the snapshot of an order says what its history says',
  subjectOf,
  judge({ history, snapshot }) {
    // A missing snapshot breaks the rule `versions`.
    if (history === undefined || snapshot === undefined) return nothing;
    const { lastType, reason, placedMinor } = history;
    const expected = outcomeOf(statusAfter[lastType] ?? lastType, reason, placedMinor);
    const found = outcomeOf(snapshot.status, snapshot.cancelReason, snapshot.totalMinor);
    const isSame = expected === found;
    const figures = { expected: { histories: 1 }, found: { 'snapshots alike': isSame ? 1 : 0 } };
    return judged(isSame, figures, { expected, found });
  },
};

const sumOf = (numbers: readonly number[]): number => numbers.reduce((sum, one) => sum + one, 0);

const viewConsumed: OrderRule = {
  id: 'view-consumed',
  rule: 'the view of a settled order has consumed all published events',
  subjectOf,
  judge(facts) {
    const { history, view, reservation, payment, notices } = facts;
    if (history === undefined || view === undefined || settledOf(facts) === undefined) return nothing;
    const { orders, inventory, payments, notifications } = view.sequences;
    const published = [history.lastVersion, ...[reservation, payment, notices].map((it) => it?.sequence ?? 0)];
    const consumed = [orders, inventory, payments, notifications];
    return judged(
      published.join() === consumed.join(),
      { expected: { 'events published': sumOf(published) }, found: { consumed: sumOf(consumed) } },
      { expected: `published ${published.join(', ')}`, found: `consumed ${consumed.join(', ')}` },
    );
  },
};

// Inventory does not keep why it rejected; the view says `none` for an order that was cancelled before.
const stockOf = ({ reservation }: OrderFacts, viewed: string): string => {
  const status = reservation?.status ?? 'none';
  return status === 'rejected' && viewed === 'none' ? 'none' : status;
};

const viewAgrees: OrderRule = {
  id: 'view-agrees',
  rule: 'the view of a settled order says what the services have on their books',
  subjectOf,
  judge(facts) {
    const order = settledOf(facts);
    const { view, payment } = facts;
    if (order === undefined || view === undefined) return nothing;
    const stock = stockOf(facts, view.stock);
    const expected = [order.status, order.cancelReason, stock, payment?.status ?? 'none'].join(', ');
    const found = [view.status, view.cancelReason, view.stock, view.payment].join(', ');
    const isSame = expected === found;
    const figures = { expected: { 'settled orders': 1 }, found: { 'views alike': isSame ? 1 : 0 } };
    return judged(isSame, figures, { expected, found });
  },
};

/** Rules about what orders itself keeps of an order: its events, its snapshot and its view. */
export const historyRules: readonly OrderRule[] = [settled, versions, snapshot, viewConsumed, viewAgrees];
