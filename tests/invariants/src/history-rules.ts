import { type OrderFacts, orderRule, settledOf } from './order-facts.ts';
import { judged, nothing } from './rule.ts';

const settled = orderRule(
  'settled',
  'every order is settled, or younger than its deadline',
  ({ history, snapshot, view, lateAfterSeconds }) => {
    if (history === undefined) return nothing;
    const isYoung = history.ageSeconds <= lateAfterSeconds;
    const found = view?.settled ? 'settled' : isYoung ? 'young ones' : 'late ones';
    return judged(
      view?.settled === true || isYoung,
      { orders: 1 },
      { [found]: 1 },
      {
        expected: `settled within ${lateAfterSeconds} s`,
        found: `${snapshot?.status ?? 'no snapshot'} for ${Math.round(history.ageSeconds)} s`,
      },
    );
  },
);

const versions = orderRule(
  'versions',
  'versions have no gap, and the snapshot has the last one',
  ({ history, snapshot }) => {
    if (history === undefined) return nothing;
    const { events, firstVersion, lastVersion } = history;
    const version = snapshot?.version;
    const holds = firstVersion === 1 && events === lastVersion && version === lastVersion;
    return judged(
      holds,
      { versions: version ?? 0 },
      { events },
      {
        expected: `1 to ${lastVersion} in the history, ${lastVersion} in the snapshot`,
        found: `${events} from ${firstVersion} to ${lastVersion}, and ${version ?? 'none'}`,
      },
    );
  },
);

const statusAfter: Readonly<Record<string, string>> = {
  OrderPlaced: 'placed',
  OrderConfirmed: 'confirmed',
  OrderCancelled: 'cancelled',
};

const outcomeOf = (status: string, reason: string | null, totalMinor: number | null): string =>
  [status, ...(reason === null ? [] : [reason]), `total ${totalMinor}`].join(', ');

const snapshot = orderRule('snapshot', 'the snapshot of an order matches its history', ({ history, snapshot }) => {
  // A missing snapshot breaks the rule `versions`.
  if (history === undefined || snapshot === undefined) return nothing;
  const { lastType, reason, placedMinor } = history;
  const expected = outcomeOf(statusAfter[lastType] ?? lastType, reason, placedMinor);
  const found = outcomeOf(snapshot.status, snapshot.cancelReason, snapshot.totalMinor);
  const isSame = expected === found;
  return judged(isSame, { histories: 1 }, { 'snapshots alike': isSame ? 1 : 0 }, { expected, found });
});

const sumOf = (numbers: readonly number[]): number => numbers.reduce((sum, one) => sum + one, 0);

const viewConsumed = orderRule(
  'view-consumed',
  'the view of a settled order has consumed all published events',
  (facts) => {
    const { history, view, reservation, payment, notices } = facts;
    if (history === undefined || view === undefined || settledOf(facts) === undefined) return nothing;
    const { orders, inventory, payments, notifications } = view.sequences;
    const published = [history.lastVersion, ...[reservation, payment, notices].map((it) => it?.sequence ?? 0)];
    const consumed = [orders, inventory, payments, notifications];
    return judged(
      published.join() === consumed.join(),
      { 'events published': sumOf(published) },
      { consumed: sumOf(consumed) },
      { expected: `published ${published.join(', ')}`, found: `consumed ${consumed.join(', ')}` },
    );
  },
);

// Inventory does not keep the reason of a rejection; the view has `none` for an order that was cancelled before.
const stockOf = ({ reservation }: OrderFacts, viewed: string): string => {
  const status = reservation?.status ?? 'none';
  return status === 'rejected' && viewed === 'none' ? 'none' : status;
};

const viewAgrees = orderRule(
  'view-agrees',
  'the view of a settled order agrees with the databases of the services',
  (facts) => {
    const order = settledOf(facts);
    const { view, payment } = facts;
    if (order === undefined || view === undefined) return nothing;
    const stock = stockOf(facts, view.stock);
    const expected = [order.status, order.cancelReason, stock, payment?.status ?? 'none'].join(', ');
    const found = [view.status, view.cancelReason, view.stock, view.payment].join(', ');
    const isSame = expected === found;
    return judged(isSame, { 'settled orders': 1 }, { 'views alike': isSame ? 1 : 0 }, { expected, found });
  },
);

/** Rules about what orders itself keeps of an order: its events, its snapshot and its view. */
export const historyRules = [settled, versions, snapshot, viewConsumed, viewAgrees];
