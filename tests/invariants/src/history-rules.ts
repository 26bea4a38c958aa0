import { type OrderFacts, orderRule, settledOf } from './order-facts.ts';
import { compared, judged, nothing } from './rule.ts';

const final = {
  stock: ['committed', 'rejected', 'released', 'none'],
  payment: ['captured', 'declined', 'voided', 'refunded'],
};

/** Whether only mails are missing, each of which its recipient's side has put off: for days, if need be. */
function waitsForMailsOnly({ view, deferredMails = 0 }: OrderFacts): boolean {
  if (deferredMails === 0 || view === undefined || view.status === 'placed') return false;
  const due = view.payment === 'refunded' ? 2 : 1;
  const isOver = final.stock.includes(view.stock) && final.payment.includes(view.payment);
  return isOver && view.sequences.notifications + deferredMails >= due;
}

const settled = orderRule(
  'settled',
  'every order is settled, younger than its deadline, or waits for a deferred mail only',
  (facts) => {
    const { history, snapshot, view, lateAfterSeconds } = facts;
    if (history === undefined) return nothing;
    const age = history.ageSeconds <= lateAfterSeconds ? 'young ones' : 'late ones';
    const state = view?.settled ? 'settled' : waitsForMailsOnly(facts) ? 'with a deferred mail' : age;
    const found = `${snapshot?.status ?? 'no snapshot'} for ${Math.round(history.ageSeconds)} s`;
    const broken = { expected: `settled within ${lateAfterSeconds} s`, found };
    return judged(state !== 'late ones', { orders: 1 }, { [state]: 1 }, broken);
  },
);

const versions = orderRule('versions', 'versions have no gap, and the snapshot has the last one', (facts) => {
  if (facts.history === undefined) return nothing;
  const { events, firstVersion, lastVersion } = facts.history;
  const version = facts.snapshot?.version;
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
});

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
  return compared(expected, found, 'histories', 'snapshots alike');
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
    const broken = { expected: `published ${published.join(', ')}`, found: `consumed ${consumed.join(', ')}` };
    const holds = published.join() === consumed.join();
    return judged(holds, { 'events published': sumOf(published) }, { consumed: sumOf(consumed) }, broken);
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
    return compared(expected, found, 'settled orders', 'views alike');
  },
);

/** Rules about what orders itself keeps of an order: its events, its snapshot and its view. */
export const historyRules = [settled, versions, snapshot, viewConsumed, viewAgrees];
